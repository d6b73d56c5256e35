"""What the admin wants to know of GitHub while an organization is set up: asked by a worker, answered in a row."""

from __future__ import annotations

from collections.abc import Callable

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.utils import timezone

from collectors.candidates import list_candidates, look_into
from collectors.clients import client_for
from collectors.credential_check import check
from collectors.github.errors import GitHubError
from dashboard.credentials import CredentialUnreadableError, has_token, token_for
from dashboard.models import Question

Say = Callable[[str], None]
State = Question.State
TOO_LONG = "GitHub took too long to answer all of it: ask again, it goes on from what is known."


def answer(question_id: int) -> None:
    """Ask GitHub and write down what it says, or why nothing can be said. Safe to run twice."""
    question = Question.objects.select_related("organization").filter(pk=question_id).first()
    if question is None:
        return
    _write(question_id, state=State.ASKING)
    found, error = {}, ""
    try:
        found = _ask(question, lambda sentence: _write(question_id, progress=sentence))
    except GitHubError as trouble:
        error = trouble.sentence
    except CredentialUnreadableError as trouble:
        error = str(trouble)
    except SoftTimeLimitExceeded:
        error = TOO_LONG
    state = State.FAILED if error else State.ANSWERED
    _write(question_id, state=state, answer=found, error=error, progress="", answered_at=timezone.now())


def _ask(question: Question, say: Say) -> dict[str, object]:
    organization = question.organization
    token = token_for(organization)
    with client_for(organization) as client:
        if question.kind == Question.Kind.CREDENTIAL:
            own = has_token(organization) and not settings.DEMO
            return {"findings": [found.as_json() for found in check(client, organization.login, token, own, say)]}
        if not question.candidates:
            list_candidates(organization, client, say)
        look_into(organization, client, question.candidates, say)
    return {}


def _write(question_id: int, **values: object) -> None:
    Question.objects.filter(pk=question_id).update(**values)

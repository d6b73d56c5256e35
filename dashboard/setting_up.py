"""Setting an organization up: GitHub is asked by workers, and nothing is collected before the last step.

Steps that were done stay done: whoever leaves comes back to where they were.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from dashboard import workers
from dashboard.audit import Who, recorded
from dashboard.models import Candidate, Organization, Question, Repository

STEPS = ("name", "credential", "repositories", "artifacts", "summary")
DONE = "done"


def reach(organization: Organization, step: str) -> None:
    """Remember that this step was come to; an earlier one changes nothing."""
    reached = organization.guide_step
    if reached == DONE or (reached in STEPS and STEPS.index(reached) >= STEPS.index(step)):
        return
    organization.guide_step = step
    organization.save(update_fields=["guide_step"])


def ask(organization: Organization, kind: str, candidates: Iterable[int] = ()) -> bool:
    """Have a worker ask GitHub; False when the broker is away. The candidates that are known stay."""
    question, _ = Question.objects.update_or_create(
        organization=organization,
        kind=kind,
        defaults={
            "state": Question.State.WAITING,
            "candidates": list(candidates),
            "progress": "",
            "answer": {},
            "error": "",
            "asked_at": timezone.now(),
            "answered_at": None,
        },
    )
    if workers.hand_over(workers.ANSWER, {"question_id": question.pk}):
        return True
    question.delete()
    return False


def choose(organization: Organization, shown: Iterable[int], ticked: Iterable[int]) -> None:
    """Of the candidates that were shown, those that were ticked are chosen."""
    rows = organization.candidates.filter(pk__in=list(shown))
    wanted = set(ticked)
    rows.filter(pk__in=wanted).update(chosen=True)
    rows.exclude(pk__in=wanted).update(chosen=False)


def choose_only(organization: Organization, ids: Iterable[int]) -> None:
    """Exactly these candidates are chosen."""
    choose(organization, organization.candidates.values_list("pk", flat=True), ids)


@transaction.atomic
def store(organization: Organization, discover: bool, who: Who) -> list[Repository]:
    """Make repositories of what was chosen; returns all of the organization that are collected from now on."""
    known = set(Repository.objects.exclude(github_id=None).values_list("github_id", flat=True))
    names = {name.lower() for name in organization.repositories.values_list("name", flat=True)}
    for candidate in organization.candidates.filter(chosen=True):
        if candidate.github_id not in known and candidate.name.lower() not in names:
            with recorded(who, repository := _repository(organization, candidate)):
                repository.save()
    with recorded(who, organization):
        organization.discover = discover
        organization.guide_step = DONE
        organization.save(update_fields=["discover", "guide_step"])
    return list(organization.repositories.filter(enabled=True))


def _repository(organization: Organization, candidate: Candidate) -> Repository:
    return Repository(
        organization=organization,
        github_id=candidate.github_id,
        name=candidate.name,
        private=candidate.visibility != "public",
        archived_on_github=candidate.archived,
        default_branch=candidate.default_branch,
    )

"""The guided set-up of an organization: five steps, each with an address of its own; it can be left and taken up.

What GitHub knows is asked by workers (``dashboard.setting_up.ask``); the pages look for the answer every two
seconds with htmx; without JavaScript a link looks again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dashboard import setting_up, workers
from dashboard.admin.guide_forms import NameForm, TokenForm
from dashboard.admin.organization_form import IN_A_DEMO
from dashboard.admin.patterns import NAMES as PATTERNS
from dashboard.admin.patterns import PatternsForm, preview_context
from dashboard.audit import person, recorded, started
from dashboard.credentials import has_token, store_token
from dashboard.models import Organization, Question, Repository
from dashboard.queries import guide as asked

NO_BROKER = "Nothing was asked: the broker does not answer. See that it runs (“make run” starts it), and REDIS_URL."
TITLES = {
    "name": "Name",
    "credential": "Credential",
    "repositories": "Repositories",
    "artifacts": "Artifacts",
    "summary": "Summary",
}
View = Callable[[HttpRequest, Organization], HttpResponse]


def urls(admin_view: Callable[..., Any], may: Callable[[HttpRequest], bool]) -> list[URLPattern]:
    """Below the organizations' address; ``may``: whether somebody may change organizations."""

    def step(view: View) -> Any:
        def guarded(request: HttpRequest, pk: int) -> HttpResponse:
            if not may(request):
                raise PermissionDenied
            return view(request, get_object_or_404(Organization, pk=pk))

        return admin_view(require_http_methods(["GET", "HEAD", "POST"])(guarded))

    def begun(request: HttpRequest) -> HttpResponse:
        if not may(request) or not request.user.has_perm("dashboard.add_organization"):
            raise PermissionDenied
        return name(request, Organization())

    views: dict[str, View] = {
        "name": name,
        "credential": sensitive_post_parameters("token")(credential),
        "repositories": repositories,
        "artifacts": artifacts,
        "summary": summary,
    }
    return [
        path("guide/", admin_view(begun), name="guide-new"),
        path("<int:pk>/guide/", step(take_up), name="guide"),
        *(path(f"<int:pk>/guide/{key}/", step(view), name=f"guide-{key}") for key, view in views.items()),
    ]


def take_up(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Where it was left."""
    reached = organization.guide_step
    return _to(organization, reached if reached in setting_up.STEPS else "credential")


def name(request: HttpRequest, organization: Organization) -> HttpResponse:
    form = NameForm(request.POST if request.method == "POST" else None, instance=organization)
    if request.method == "POST" and form.is_valid():
        with recorded(person(request.user), organization):
            saved = form.save()
        setting_up.reach(saved, "credential")
        return _to(saved, "credential")
    more = {"form": form, "unfinished": [] if organization.pk else asked.unfinished()}
    return _page(request, organization, "name", more, refused=form.is_bound)


def credential(request: HttpRequest, organization: Organization) -> HttpResponse:
    kind = Question.Kind.CREDENTIAL
    form = TokenForm(request.POST if request.POST.get("do") == "store" else None)
    if request.method == "POST":
        if form.is_bound and not form.is_valid():
            return _page(request, organization, "credential", _credential(organization, form), refused=True)
        if form.is_bound or request.POST.get("do") == "remove":
            with recorded(person(request.user), organization):
                store_token(organization, form.cleaned_data["token"] if form.is_bound else "")
                organization.save(update_fields=["token_encrypted"])
        _ask(request, organization, kind)
        return _to(organization, "credential")
    if "part" in request.GET:
        return render(request, "admin/guide/_check.html", _credential(organization, form))
    setting_up.reach(organization, "credential")
    return _page(request, organization, "credential", _credential(organization, form))


def _credential(organization: Organization, form: TokenForm) -> dict[str, Any]:
    answer = asked.answer_to(organization, Question.Kind.CREDENTIAL, timezone.now())
    stored = has_token(organization)
    return {"organization": organization, "form": form, "answer": answer, "stored": stored, "in_a_demo": IN_A_DEMO}


def repositories(request: HttpRequest, organization: Organization) -> HttpResponse:
    """What GitHub lists, to be filtered and ticked; a choice is a draft until the last step."""
    sent = request.POST if request.method == "POST" else request.GET
    q, shown = sent.get("q", "")[:100], sent.get("show", "all")
    shown = shown if shown in asked.SHOWN else "all"
    if request.method == "POST":
        return _choose(request, organization, q, shown)
    page = request.GET.get("page", "1")
    found = asked.candidates_of(organization, q, shown, int(page) if page.isdecimal() and len(page) < 7 else 1)
    answer = asked.answer_to(organization, Question.Kind.REPOSITORIES, timezone.now())
    more = {"organization": organization, "answer": answer, "found": found, "kinds": asked.SHOWN.items()}
    if request.GET.get("part") == "listing":
        response = render(request, "admin/guide/_listing.html", more)
        if not answer.open:
            # There is no table while GitHub is asked, so that nothing ticked is lost.
            response["HX-Refresh"] = "true"
        return response
    setting_up.reach(organization, "repositories")
    return _page(request, organization, "repositories", more)


def _choose(request: HttpRequest, organization: Organization, q: str, shown: str) -> HttpResponse:
    """Keep the ticks, then do what the button says."""
    do = request.POST.get("do", "keep")
    setting_up.choose(organization, _ids(request, "shown"), _ids(request, "chosen"))
    if do == "list":
        _ask(request, organization, Question.Kind.REPOSITORIES)
    elif do == "look":
        _ask(request, organization, Question.Kind.REPOSITORIES, _ids(request, "unlooked"))
    elif do == "all":
        setting_up.choose(organization, ids := asked.choosable(organization, q, shown), ids)
    elif do == "none":
        setting_up.choose_only(organization, ())
    elif do == "on":
        return _to(organization, "artifacts")
    query = {"q": q, "show": "" if shown == "all" else shown, "page": request.POST.get("to", "")}
    return _to(organization, "repositories", {key: value for key, value in query.items() if value})


def artifacts(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Patterns, held against real artifacts while they are typed."""
    if "part" in request.GET:
        context = preview_context(asked.sources_of(organization), request.GET)
        return render(request, "admin/guide/_preview.html", context)
    stored = {key: getattr(organization, key) for key in PATTERNS}
    typed = request.POST if request.method == "POST" else stored
    form = PatternsForm(typed)
    if request.method == "POST" and form.is_valid() and request.POST.get("do") == "store":
        with recorded(person(request.user), organization):
            for key in PATTERNS:
                setattr(organization, key, form.cleaned_data[key])
            organization.save(update_fields=list(PATTERNS))
        return _to(organization, "summary")
    setting_up.reach(organization, "artifacts")
    more = {"form": form, **preview_context(asked.sources_of(organization), typed)}
    return _page(request, organization, "artifacts", more, refused=request.method == "POST" and not form.is_valid())


def summary(request: HttpRequest, organization: Organization) -> HttpResponse:
    """What will be stored; from here the first collection begins."""
    if request.method == "POST":
        return _store(request, organization)
    setting_up.reach(organization, "summary")
    answer = asked.answer_to(organization, Question.Kind.CREDENTIAL, timezone.now())
    more = {"answer": answer, "sum": asked.summary_of(organization), "patterns": _patterns(organization)}
    return _page(request, organization, "summary", more)


def _store(request: HttpRequest, organization: Organization) -> HttpResponse:
    if not request.user.has_perm("dashboard.add_repository"):
        raise PermissionDenied
    rows: list[Repository] = setting_up.store(organization, "discover" in request.POST, person(request.user))
    if request.POST.get("do") != "collect":
        messages.success(request, f"{organization} is set up: the next night collects it.")
        return HttpResponseRedirect(reverse("admin:dashboard_organization_changelist"))
    arguments = {"trigger": "admin", "repository_ids": [row.pk for row in rows]}
    if not rows or not workers.hand_over(workers.COLLECT_NOW, arguments):
        messages.error(request, NO_BROKER if rows else "No repository is chosen: choose some in step 3.")
        return _to(organization, "summary")
    started(person(request.user), f"what is collected of {organization}")
    return HttpResponseRedirect(f"{reverse('ingest')}?asked={int(timezone.now().timestamp())}")


def _patterns(organization: Organization) -> list[tuple[str, list[str], str]]:
    """Label, what is stored, and what an empty field means."""
    empty = ("those whose names sound like tests or coverage", "none", "told by the artifacts' names")
    labels = [str(PatternsForm.base_fields[key].label) for key in PATTERNS]
    return [
        (label, getattr(organization, key), word) for label, key, word in zip(labels, PATTERNS, empty, strict=True)
    ]


def _ask(request: HttpRequest, organization: Organization, kind: str, candidates: list[int] | None = None) -> None:
    if not setting_up.ask(organization, kind, candidates or ()):
        messages.error(request, NO_BROKER)


def _ids(request: HttpRequest, key: str) -> list[int]:
    return [int(text) for text in request.POST.getlist(key) if text.isdecimal() and len(text) < 19]


def _to(organization: Organization, step: str, query: dict[str, str] | None = None) -> HttpResponse:
    return HttpResponseRedirect(reverse(f"admin:guide-{step}", args=[organization.pk], query=query))


def _page(
    request: HttpRequest, organization: Organization, step: str, more: dict[str, Any], refused: bool = False
) -> HttpResponse:
    at = setting_up.STEPS.index(step)
    reached = setting_up.STEPS.index(organization.guide_step) if organization.guide_step in setting_up.STEPS else 4
    steps = [
        {
            "title": TITLES[key],
            "current": place == at,
            "address": reverse(f"admin:guide-{key}", args=[organization.pk]) if organization.pk else "",
            "open": bool(organization.pk) and place <= reached,
        }
        for place, key in enumerate(setting_up.STEPS)
    ]
    context = {"organization": organization, "steps": steps, "step": at + 1, **more}
    return render(request, f"admin/guide/{step}.html", context, status=422 if refused else 200)

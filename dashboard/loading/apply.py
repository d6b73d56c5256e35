"""Writes a checked estate file to the database: creates and updates, deletes no organization and no repository.

What the file does not write keeps what it has. A list that it does write (``tags``, ``depends_on``) replaces that
repository's list; rules are only ever added, since another file may have brought the others.
A constant number of queries, whatever the file's size.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.models import Model
from django.db.models.functions import Lower

from dashboard.audit import State, Who, change_of, record_all, state_of, text_of
from dashboard.loading.estate_file import EstateFile, OrganizationEntry, RepositoryEntry
from dashboard.models import Change, Dependency, ForbiddenDependency, Organization, Repository

BATCH = 1_000

ORGANIZATION_COLUMNS = ("title", "layer", "discover")
REPOSITORY_COLUMNS = (
    "archived_by_file",
    "archived",
    "private",
    "enabled",
    "description",
    "language",
    "tags",
)


@dataclass
class Edit:
    """What the record says of one row: its old values (None: it is new) and its new ones, by field."""

    row: Model
    old: State | None
    new: State

    def as_change(self, who: Who) -> Change | None:
        return change_of(who, self.row, self.old, self.new)


@dataclass
class Changes:
    """What a load did, as sentences' raw material: names in the order of the file."""

    organizations_created: list[str] = field(default_factory=list)
    organizations_updated: list[str] = field(default_factory=list)
    repositories_created: list[str] = field(default_factory=list)
    repositories_updated: list[str] = field(default_factory=list)
    dependencies_added: list[str] = field(default_factory=list)
    dependencies_withdrawn: list[str] = field(default_factory=list)
    rules_added: list[str] = field(default_factory=list)
    targets_missing: list[str] = field(default_factory=list)
    """Edges of this file that lead to no known repository: a violation of the graph, not of the file."""
    edits: list[Edit] = field(default_factory=list)


def apply_estate_file(estate: EstateFile, who: Who, dry_run: bool = False) -> Changes:
    """All of it or, when anything fails or with ``dry_run``, nothing; recorded as the doing of ``who``."""
    with transaction.atomic():
        changes = _apply(estate)
        record_all(edit.as_change(who) for edit in changes.edits)
        if dry_run:
            transaction.set_rollback(True)
    return changes


def _apply(estate: EstateFile) -> Changes:
    changes = Changes()
    organizations = _save_organizations(estate, changes)
    repositories = _save_repositories(estate.repositories, organizations, changes)
    _save_dependencies(estate.repositories, repositories, changes)
    _save_rules(estate.forbid, organizations, changes)
    return changes


def _save_organizations(estate: EstateFile, changes: Changes) -> dict[str, Organization]:
    """Every organization that the file names, by lower-cased login; owners and rules bring theirs with them."""
    entries = {entry.login.lower(): entry for entry in estate.organizations}
    for login in [each.owner for each in estate.repositories] + [login for pair in estate.forbid for login in pair]:
        entries.setdefault(login.lower(), OrganizationEntry(login, {}))
    known: dict[str, Organization] = {
        each.login.lower(): each
        for each in Organization.objects.annotate(lower=Lower("login")).filter(lower__in=list(entries))
    }
    created, updated = [], []
    for lower, entry in entries.items():
        organization = known.get(lower)
        if organization is None:
            created.append(Organization(login=entry.login, **entry.values))
        elif edit := _take(organization, entry.values):
            updated.append(organization)
            changes.edits.append(edit)
    for organization in Organization.objects.bulk_create(created, BATCH):
        changes.edits.append(Edit(organization, None, state_of(organization)))
        known[organization.login.lower()] = organization
    Organization.objects.bulk_update(updated, ORGANIZATION_COLUMNS, BATCH)
    changes.organizations_created = [each.login for each in created]
    changes.organizations_updated = [each.login for each in updated]
    return known


def _save_repositories(
    entries: list[RepositoryEntry], organizations: dict[str, Organization], changes: Changes
) -> dict[str, Repository]:
    """The file's repositories by lower-cased full name."""
    known = _repositories_named(entry.full_name for entry in entries)
    created, updated = [], []
    for entry in entries:
        repository = known.get(entry.full_name.lower())
        if repository is None:
            created.append(_new_repository(entry, organizations[entry.owner.lower()]))
        elif edit := _take(repository, entry.values):
            changes.edits.append(edit)
            repository.archived = repository.archived_by_file or repository.archived_on_github
            updated.append(repository)
    for repository in Repository.objects.bulk_create(created, BATCH):
        changes.edits.append(Edit(repository, None, state_of(repository)))
        known[repository.full_name.lower()] = repository
    Repository.objects.bulk_update(updated, REPOSITORY_COLUMNS, BATCH)
    changes.repositories_created = [each.full_name for each in created]
    changes.repositories_updated = [each.full_name for each in updated]
    return known


def _new_repository(entry: RepositoryEntry, organization: Organization) -> Repository:
    # bulk_create does not call save(), which keeps these two columns elsewhere.
    return Repository(
        organization=organization,
        name=entry.name,
        full_name=f"{organization.login}/{entry.name}",
        archived=entry.values.get("archived_by_file", False),
        **entry.values,
    )


def _save_dependencies(entries: list[RepositoryEntry], known: dict[str, Repository], changes: Changes) -> None:
    """Make each written ``depends_on`` the repository's list, then lead edges to their targets where known."""
    stating = {known[each.full_name.lower()].pk: each for each in entries if each.depends_on is not None}
    kept: set[tuple[int, str]] = set()
    withdrawn = []
    for edge in Dependency.objects.filter(repository__in=list(stating)):
        if edge.target_name.lower() in {name.lower() for name in stating[edge.repository_id].depends_on or ()}:
            kept.add((edge.repository_id, edge.target_name.lower()))
        else:
            withdrawn.append(edge)
    added = [
        Dependency(repository_id=repository_id, target_name=name)
        for repository_id, entry in stating.items()
        for name in entry.depends_on or ()
        if (repository_id, name.lower()) not in kept
    ]
    Dependency.objects.filter(pk__in=[edge.pk for edge in withdrawn]).delete()
    Dependency.objects.bulk_create(added, BATCH)
    _resolve_targets()
    _record_dependencies(kept, withdrawn, added, stating, known, changes)
    changes.dependencies_added = [_edge(edge, stating) for edge in added]
    changes.dependencies_withdrawn = [_edge(edge, stating) for edge in withdrawn]
    missing = Dependency.objects.filter(repository__in=list(stating), target=None).order_by("id")
    changes.targets_missing = [_edge(edge, stating) for edge in missing]


def _record_dependencies(
    kept: set[tuple[int, str]],
    withdrawn: list[Dependency],
    added: list[Dependency],
    stating: dict[int, RepositoryEntry],
    known: dict[str, Repository],
    changes: Changes,
) -> None:
    """One edit for each repository whose list is another now."""
    for changed in {edge.repository_id for edge in [*withdrawn, *added]}:
        stay = [name for repository_id, name in kept if repository_id == changed]
        gone = [edge.target_name for edge in withdrawn if edge.repository_id == changed]
        new = stating[changed].depends_on or ()
        row = known[stating[changed].full_name.lower()]
        changes.edits.append(
            Edit(row, {"depends on": ", ".join(sorted([*stay, *gone]))}, {"depends on": ", ".join(sorted(new))})
        )


def _edge(edge: Dependency, stating: dict[int, RepositoryEntry]) -> str:
    return f"{stating[edge.repository_id].full_name} → {edge.target_name}"


def _resolve_targets() -> None:
    """Lead edges without a target to the repository of that name, in any case: it may have come with this file."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE dependency SET target_id = repository.id FROM repository"
            " WHERE dependency.target_id IS NULL AND lower(repository.full_name) = lower(dependency.target_name)"
        )


def _save_rules(pairs: list[tuple[str, str]], known: dict[str, Organization], changes: Changes) -> None:
    stated = set(ForbiddenDependency.objects.values_list("organization_id", "target_id"))
    for first, second in pairs:
        ids = known[first.lower()].pk, known[second.lower()].pk
        if ids not in stated:
            stated.add(ids)
            rule = ForbiddenDependency.objects.create(
                organization=known[first.lower()], target=known[second.lower()]
            )
            changes.edits.append(Edit(rule, None, state_of(rule)))
            changes.rules_added.append(f"{first} never on {second}")


def _repositories_named(names: Iterable[str]) -> dict[str, Repository]:
    lowered = [name.lower() for name in names]
    found = Repository.objects.annotate(lower=Lower("full_name")).filter(lower__in=lowered)
    return {each.full_name.lower(): each for each in found}


def _take(row: Organization | Repository, values: dict[str, object]) -> Edit | None:
    """Put the values on the row; what was new, None when nothing was."""
    new = {name: value for name, value in values.items() if getattr(row, name) != value}
    called = {name: str(row._meta.get_field(name).verbose_name) for name in new}  # type: ignore[union-attr]
    edit = Edit(
        row,
        {called[name]: text_of(getattr(row, name)) for name in new},
        {called[name]: text_of(value) for name, value in new.items()},
    )
    for name, value in new.items():
        setattr(row, name, value)
    return edit if new else None

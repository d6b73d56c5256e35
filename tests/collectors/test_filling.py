"""A filled estate is what the store layer would have left of the same nights, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Field, ForeignKey, Model

from collectors.carrying import bring_forward
from collectors.day_sums import sum_up
from collectors.filling.churn import Churn
from collectors.filling.copying import Copying
from collectors.filling.estate import Plan, days_of, fill, missing
from collectors.filling.history import artifact_fields, reading_of, run_fields
from collectors.ingest import store_reading
from collectors.paths import PathResolver
from collectors.rollup import refresh_repository
from collectors.snapshots import put_together
from dashboard import models
from dashboard.models import Artifact, Organization, Repository, WorkflowRun

pytestmark = pytest.mark.django_db

PLAN = Plan(repositories=2, nights=9, tests=80, files=40, last=date(2026, 3, 1), nightly=True, seed=8)

STORED = [
    getattr(models, name)
    for name in models.__all__
    # What asked, not what was stored; how many tests' words share a row depends on how many came at once.
    if name not in ("Collection", "RepositoryCollection", "CaseWords")
]
NEVER_TWICE = {
    (Repository, "created_at"),
    (Organization, "created_at"),
    (Artifact, "read_at"),
    (models.CaseGroup, "told"),
}
"""When something was stored, and digests of ids."""
LISTS = {
    "case_ids": models.Case,
    "own_ids": models.Case,
    "errors": models.Case,
    "message_ids": models.FailureMessage,
    "file_ids": models.SourceFile,
    "line_map_ids": models.LineMap,
}
"""Columns that hold ids of other rows."""


def as_stored(model: type[Model]) -> list[str]:
    """All rows of a table in words, ids told by what they lead to, in an order that does not depend on ids."""
    names: dict[type[Model], dict[int, str]] = {}
    return sorted(_words(row, names) for row in model._default_manager.all())


def _words(row: Model, names: dict[type[Model], dict[int, str]]) -> str:
    return " ".join(f"{column.attname}={value}" for column, value in _columns(row, names))


def _columns(row: Model, names: dict[type[Model], dict[int, str]]) -> Iterator[tuple[Field[Any, Any], Any]]:
    for column in row._meta.concrete_fields:
        value = getattr(row, column.attname)
        if column.primary_key or (type(row), column.name) in NEVER_TWICE:
            continue
        if isinstance(column, ForeignKey):
            value = value and _name(column.related_model, value, names)
        elif column.name in LISTS:
            value = [_name(LISTS[column.name], pk, names) for pk in value]
        elif isinstance(value, memoryview):
            value = bytes(value).hex()
        yield column, value


def _name(model: Any, pk: int, names: dict[type[Model], dict[int, str]]) -> str:
    """A row by what tells it from others, without ids."""
    if model not in names:
        told = ("full_name", "login", "head_sha", "sha", "digest", "identity", "fingerprint", "path", "member")
        held = {column.attname for column in model._meta.concrete_fields}
        first = [name for name in told if name in held][:1] or ["outcomes"] * (model is models.Results)
        names[model] = {
            found["pk"]: str(
                [bytes(v).hex() if isinstance(v, memoryview) else v for k, v in found.items() if k != "pk"]
            )
            for found in model._default_manager.values("pk", *first)
        }
    return names[model][pk]


def store_one_by_one(plan: Plan) -> None:
    """The same nights through the store layer, as a collection would hand them over."""
    for number, repository in list(missing(plan, Copying())):
        repository.save(force_insert=True)
        churn = Churn(plan.seed * 1_000_003 + number, plan.tests, plan.files)
        for night in churn.nights(days_of(number, plan)):
            run = run_fields(repository, night)
            artifact = Artifact.objects.create(run=WorkflowRun.objects.create(**run), **artifact_fields(run))
            store_reading(artifact, reading_of(churn, night), artifact.digest, PathResolver(night.files))
            put_together(repository, run["head_sha"])
        bring_forward(repository)
        refresh_repository(repository)
    sum_up(plan.last)


def lines_of_words() -> list[str]:
    cases = {pk: bytes(identity).hex() for pk, identity in models.Case.objects.values_list("pk", "identity")}
    found = [zip(row.case_ids, row.words.split("\n"), strict=True) for row in models.CaseWords.objects.all()]
    return sorted(f"{cases[pk]} {line}" for lines in found for pk, line in lines)


def stored_by(store: Callable[[Plan], object]) -> dict[str, list[str]]:
    """Every table's rows after ``store``; then as if nothing had been."""
    with transaction.atomic():
        store(PLAN)
        rows = {model.__name__: as_stored(model) for model in STORED} | {"lines of words": lines_of_words()}
        transaction.set_rollback(True)
    return rows


def test_what_is_filled_in_bulk_is_what_the_store_layer_writes() -> None:
    filled = stored_by(lambda plan: list(fill(plan)))
    stored = stored_by(store_one_by_one)
    for name, rows in stored.items():
        assert filled[name] == rows, name
    assert all(len(filled[name]) > 2 for name in ("Failure", "Roster", "CoverageManifest", "LineMap"))


def test_a_second_fill_adds_what_is_missing_and_nothing_else() -> None:
    list(fill(Plan(1, 3, 5, 2, date(2026, 3, 1), nightly=True)))
    assert len(list(fill(Plan(3, 3, 5, 2, date(2026, 3, 1), nightly=True)))) == 2
    assert Repository.objects.count() == 3
    assert models.Snapshot.objects.count() == 9


def test_real_data_is_never_mixed_with_a_filled_estate() -> None:
    Organization.objects.create(login="acme")
    with pytest.raises(CommandError, match=r"acme.*a database of its own"):
        call_command("fill_estate", repos=1)
    assert not Repository.objects.exists()


def test_one_seed_is_one_life_and_another_seed_another() -> None:
    days = [date(2026, 1, day) for day in range(1, 20)]

    def life(seed: int) -> list[Any]:
        return [
            (night.tests, night.outcomes, night.seconds, night.files) for night in Churn(seed, 50, 8).nights(days)
        ]

    assert life(1) == life(1) != life(2)

"""Facts are read from what GitHub answers, whatever it leaves out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from collectors.github.errors import UnexpectedAnswer
from collectors.github.facts import ArtifactFacts, RepositoryFacts, RunFacts, moment


@pytest.mark.parametrize("facts", [RepositoryFacts, RunFacts, ArtifactFacts])
def test_an_id_is_enough_and_the_least(facts: type[RepositoryFacts | RunFacts | ArtifactFacts]) -> None:
    assert facts.from_json({"id": 7}).id == 7
    for broken in ({}, {"id": None}, {"id": "7"}, {"id": True}):
        with pytest.raises(UnexpectedAnswer):
            facts.from_json(broken)


@pytest.mark.parametrize("facts", [RepositoryFacts, RunFacts, ArtifactFacts])
def test_null_and_odd_types_read_as_unknown(facts: type[RepositoryFacts | RunFacts | ArtifactFacts]) -> None:
    plain = facts.from_json({"id": 7})
    names = ["owner", "name", "topics", "workflow_run", "repository", "head_commit", "created_at", "digest", "size"]
    assert facts.from_json({"id": 7, **dict.fromkeys(names)}) == plain
    odd = [name for name in names if name != "topics"]
    assert facts.from_json({"id": 7, **{name: [1] for name in odd}}) == plain


def test_an_upload_from_before_digests_has_none() -> None:
    facts = ArtifactFacts.from_json({"id": 1, "name": "a", "digest": None, "workflow_run": None})
    assert (facts.digest, facts.run_id, facts.size_bytes) == ("", None, None)


def test_a_required_workflows_path_is_without_its_reference() -> None:
    assert (
        RunFacts.from_json({"id": 1, "path": ".github/workflows/a.yml@main"}).workflow_path
        == ".github/workflows/a.yml"
    )


def test_a_run_that_never_ran_again_started_when_it_was_created() -> None:
    facts = RunFacts.from_json({"id": 1, "created_at": "2026-03-06T12:00:00Z"})
    assert facts.run_started_at == datetime(2026, 3, 6, 12, tzinfo=UTC)
    assert (facts.conclusion, facts.run_attempt) == ("", 1)


def test_visibility_follows_private_where_an_old_server_does_not_say() -> None:
    assert RepositoryFacts.from_json({"id": 1, "private": True}).visibility == "private"
    assert RepositoryFacts.from_json({"id": 1, "private": True, "visibility": "internal"}).visibility == "internal"


def test_times_are_aware() -> None:
    assert moment("2026-03-06T12:00:00Z") == datetime(2026, 3, 6, 12, tzinfo=UTC)
    zoned = moment("2026-03-06T12:00:00.123+02:00")
    assert zoned is not None and zoned.utcoffset() == timedelta(hours=2)
    assert moment("2026-03-06T12:00:00") == datetime(2026, 3, 6, 12, tzinfo=UTC)
    for odd in (None, 5, "", "yesterday"):
        assert moment(odd) is None

"""The one GraphQL question and the look-alike's answer to it are as GitHub's published schema has them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from graphql import build_schema, execute, parse, validate

from collectors.github import pulse
from collectors.lookalike.estate import FakeEstate
from collectors.lookalike.graphql import answer_query
from collectors.lookalike.things import FakeRepository, FakeTag

SCHEMA = build_schema((Path(__file__).parents[1] / "samples/graphql/github.graphql").read_text("utf-8"))
QUESTION = parse(pulse.QUERY)


def answer(estate: FakeEstate, *node_ids: str) -> dict[str, Any]:
    body = json.dumps({"query": pulse.QUERY, "variables": pulse.variables(node_ids)}).encode()
    return answer_query(estate, body)


def kind_of(value: dict[str, Any], *_: object) -> str:
    """Which type stands behind an interface; GitHub does not say it unless it is asked."""
    if "nameWithOwner" in value:
        return "Repository"
    return "Tag" if "tagger" in value else "Commit"


def test_the_question_is_one_that_github_understands() -> None:
    assert validate(SCHEMA, QUESTION) == []


@pytest.mark.parametrize("conclusion", ["success", "failure", "cancelled", "timed_out", None])
def test_the_answer_has_every_field_that_was_asked_for_in_githubs_types(
    estate: FakeEstate, repository: FakeRepository, conclusion: str | None
) -> None:
    status = "completed" if conclusion else "in_progress"
    run = estate.add_run(repository, event="schedule", status=status, conclusion=conclusion)
    tag = FakeTag("v1", run.head_sha, run.committed_at)
    repository.tags += [
        tag,
        replace(tag, name="v2", annotated=True, release="Two"),
        replace(tag, name="v3", release="", draft=True),
    ]
    given = answer(estate, repository.node_id)["data"]
    told = execute(
        SCHEMA,
        QUESTION,
        root_value=given,
        variable_values=pulse.variables([repository.node_id]),
        type_resolver=kind_of,
    )
    assert told.errors is None  # type: ignore[union-attr]
    assert told.data == given  # type: ignore[union-attr]


def test_a_node_that_is_not_there_is_null_with_an_error_beside_it(
    estate: FakeEstate, repository: FakeRepository
) -> None:
    given = answer(estate, "R_gone", repository.node_id)
    assert given["data"]["nodes"][0] is None and given["data"]["nodes"][1] is not None
    assert given["errors"][0]["type"] == "NOT_FOUND"

"""GET /api/v1/estate: sums over what the reader may see; null is unknown."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from dashboard.models import Dependency, ForbiddenDependency, Repository
from tests.factories import estate, organization, repository, snapshot, today_at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def public_installation(settings) -> None:
    settings.PUBLIC = True


def answer(client: Client) -> Any:
    response = client.get("/api/v1/estate")
    assert response.status_code == 200
    return response.json()


def depends(source: Repository, target: Repository) -> None:
    Dependency.objects.create(repository=source, target_name=target.full_name, target=target)


def test_an_estate_without_evidence_knows_no_figure_and_says_null_not_zero(client: Client) -> None:
    repository(name="quiet")
    assert answer(client) == {
        "as_of": None,
        "organizations": 1,
        "repositories": {"total": 1, "active": 1, "archived": 0, "reporting": 0},
        "tests": {
            "total": None,
            "passed": None,
            "failed": None,
            "errors": None,
            "skipped": None,
            "executions": None,
            "from_logs": 0,
        },
        "coverage": {"lines_valid": None, "lines_covered": None, "percent": None},
        "workflows": {"total": None, "reusable": None, "callers": None},
        "code_files": None,
        "dependencies": {"edges": 0, "back_edges": 0, "cycles": 0, "missing": 0},
    }


def test_tests_are_summed_and_coverage_is_weighted_by_lines(client: Client) -> None:
    snapshot(repository(name="large"), tests=(90, 5, 3, 2), lines=(900, 1000))
    snapshot(repository(name="small"), tests=(10, 0, 0, 0), lines=(0, 7))
    found = answer(client)
    assert found["tests"] == {
        "total": 110,
        "passed": 100,
        "failed": 5,
        "errors": 3,
        "skipped": 2,
        "executions": 110,
        "from_logs": 0,
    }
    assert found["coverage"] == {"lines_valid": 1007, "lines_covered": 900, "percent": 100 * 900 / 1007}
    assert found["repositories"]["reporting"] == 2
    assert found["as_of"] == today_at().isoformat().replace("+00:00", "Z")


def test_archived_repositories_are_counted_and_left_out_of_every_sum(client: Client) -> None:
    snapshot(repository(name="live"), tests=(10, 0, 0, 0), lines=(50, 100), days_ago=1)
    snapshot(repository(name="old", archived=True), tests=(99, 0, 0, 0), lines=(1, 100))
    found = answer(client)
    assert found["repositories"] == {"total": 2, "active": 1, "archived": 1, "reporting": 1}
    assert found["tests"]["total"] == 10
    assert found["coverage"]["lines_valid"] == 100
    assert found["as_of"].startswith(str(today_at(days_ago=1).date()))


def test_lines_whose_valid_count_is_unknown_weigh_on_neither_side(client: Client) -> None:
    snapshot(repository(name="exact"), lines=(50, 100))
    snapshot(repository(name="executed-only"), lines=(70, None))
    assert answer(client)["coverage"] == {"lines_valid": 100, "lines_covered": 50, "percent": 50.0}


def test_counts_known_only_from_logs_stand_beside_the_total(client: Client) -> None:
    snapshot(repository(name="reports"), tests=(10, 0, 0, 0), lines=(50, 100))
    snapshot(repository(name="logs"), tests=(7, 0, 0, 0), lines=(9, 10), evidence=Repository.Evidence.LOG)
    found = answer(client)
    assert (found["tests"]["total"], found["tests"]["from_logs"]) == (10, 7)
    assert found["coverage"] == {"lines_valid": 100, "lines_covered": 50, "percent": 50.0}


def test_strangers_get_the_sums_of_public_repositories_and_staff_of_all(
    client: Client, admin_client: Client
) -> None:
    open_one = repository(organization("open"), "app")
    hidden = repository(organization("hidden"), "secret", private=True)
    snapshot(open_one, tests=(10, 0, 0, 0))
    snapshot(hidden, tests=(5, 0, 0, 0))
    depends(open_one, hidden)
    depends(hidden, open_one)
    stranger, staff = answer(client), answer(admin_client)
    assert (stranger["organizations"], stranger["repositories"]["total"], stranger["tests"]["total"]) == (1, 1, 10)
    assert stranger["dependencies"] == {"edges": 0, "back_edges": 0, "cycles": 0, "missing": 0}
    assert (staff["organizations"], staff["repositories"]["total"], staff["tests"]["total"]) == (2, 2, 15)
    assert staff["dependencies"] == {"edges": 2, "back_edges": 0, "cycles": 1, "missing": 0}


def test_a_closed_installation_shows_a_stranger_nothing(client: Client, settings) -> None:
    settings.PUBLIC = False
    repository(name="open")
    assert answer(client)["repositories"]["total"] == 0


def test_edges_are_judged_by_layers_rules_cycles_and_missing_targets(client: Client) -> None:
    low, high, free = (
        organization(login, layer=layer) for login, layer in (("low", 1), ("high", 2), ("free", None))
    )
    engine, app, tool, loop = (
        repository(low, "engine"),
        repository(high, "app"),
        repository(free),
        repository(low, "loop"),
    )
    depends(app, engine)  # down the layers: as it should be
    depends(engine, app)  # up: a back-edge, and with the edge above a cycle
    depends(engine, tool)  # to one that stands free
    depends(tool, app)  # free on any layer, but see the rule
    depends(loop, loop)  # a self-dependency is neither cycle nor back-edge
    Dependency.objects.create(repository=loop, target_name="low/never-seen")
    assert answer(client)["dependencies"] == {"edges": 6, "back_edges": 1, "cycles": 1, "missing": 1}
    ForbiddenDependency.objects.create(organization=free, target=high)
    assert answer(client)["dependencies"]["back_edges"] == 2


# 1 sums over repositories, 1 the edges, 1 the rules; the same for every size.
@pytest.mark.parametrize("size", [5, 60])
def test_the_estate_takes_four_queries_at_any_size(client: Client, size: int, django_assert_num_queries) -> None:
    estate(size)
    with django_assert_num_queries(4):
        assert answer(client)["repositories"]["total"] == size

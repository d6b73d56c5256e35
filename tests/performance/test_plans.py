"""No page asks across repositories but through rollups: what PostgreSQL would do for each of their questions.

Facts (runs, artifacts, reports, commits, results, failures, lines) may be reached by the repository or by the id of
one of them, and by nothing else. So a page costs what one repository has, however many there are, and each of these
tables can be spread over machines by ``repository_id``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection

from collectors.rollup import refresh_repository
from dashboard.models import Repository
from tests.factories import organization, repository, results, snapshot_row, today_at
from tests.performance.addresses import addresses
from tests.performance.filled import Size, add
from tests.performance.measuring import answer

pytestmark = pytest.mark.django_db

FACTS = {
    *("workflow_run", "artifact", "report", "snapshot", "snapshot_group"),
    *(
        "test_case",
        "test_case_group",
        "test_statistics",
        "test_words",
        "test_roster",
        "test_results",
        "failure",
        "failure_message",
    ),
    *(
        "failure_message",
        "job_log",
        "file_tree",
        "git_tag",
        "source_file",
        "line_map",
        "coverage_manifest",
        "commit_sources",
        "context_names",
        "line_contexts",
    ),
}
BY_ID = r"\b(?:id|\w+_id|head_sha)\b\)*(?:::\w+)? = "
"""A repository, or a row of one by its id. A commit's SHA is as good as one: it stands beside the repository."""
BY_WORD = r"\bwords ~~ "
"""Names of tests that hold a word: of few repositories those of all are found as cheaply as those of one."""
ACROSS = {
    "/api/v1/search": "words are looked for in the names of all tests, by a trigram index",
    "/ingest": "the artifacts that were read last, by an index of when they were",
}


def scans(plan: dict[str, Any], joined: str = "") -> Iterator[tuple[str, str, str, str]]:
    """Each reading of a table: its name (a partition's is that of the table), its alias, and how rows are found.

    ``joined``: how the loops around it tell which rows are wanted. Where a table is as small as here that is done
    after reading all of it, where it is large by the index of the id that is compared.
    """
    kind = plan["Node Type"]
    joined += " " + plan.get("Join Filter", "")
    if kind.endswith("Scan") and "Relation Name" in plan and kind != "Bitmap Heap Scan":
        table = re.sub(r"_(\d{4}_\d{2}|y?\d{4}m\d{2}|default|rest)$", "", plan["Relation Name"])
        yield table, plan.get("Alias", table), plan.get("Index Cond", ""), joined
    for part in plan.get("Plans", []):
        if kind.startswith("Bitmap"):  # the index stands below the table that it is of
            part = {**part, "Relation Name": plan.get("Relation Name"), "Alias": plan.get("Alias")}
        yield from scans(part, joined)


def parts(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The plan and all that it is made of."""
    yield plan
    for part in plan.get("Plans", []):
        yield from parts(part)


def crosses(table: str, alias: str, index: str, joined: str) -> bool:
    """Whether facts are read other than by their repository or by an id."""
    own = rf"\b{re.escape(alias)}\.(?:id|\w+_id)\b"
    compared = re.search(rf"{own}\)* = | = \(*{own}", joined)
    return table in FACTS and not (compared or re.search(BY_ID, index) or re.search(BY_WORD, index))


def questions(address: str) -> list[tuple[str, Any]]:
    """What the page asks the database, as it does."""
    asked: list[tuple[str, Any]] = []

    def noted(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(noted):
        found = answer(WSGIHandler(), address)
    assert found.status_code == 200, address
    return [(sql, params) for sql, params in asked if sql.lstrip().lower().startswith(("select", "with"))]


@pytest.mark.parametrize("address", ["/api/v1/search?q=cart", "/api/v1/repos?q=cart", "/?q=cart"])
def test_repositories_are_found_by_any_part_of_their_name_without_reading_all(settings: Any, address: str) -> None:
    settings.PUBLIC, settings.ALLOWED_HOSTS = True, ["localhost"]
    repository(name="shopping-cart")
    sql, params = next(asked for asked in questions(address) if "%cart%" in (asked[1] or ()))
    with connection.cursor() as cursor:
        # In a table of one row the index of its names in their order costs the same.
        for way in ("seqscan", "indexscan", "indexonlyscan"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN {sql}", params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Bitmap Index Scan on repository_by_part_of_name" in plan and "Seq Scan on repository" not in plan, plan


def test_tests_are_found_by_any_part_of_what_they_are_called_by_an_index(settings: Any) -> None:
    settings.PUBLIC, settings.ALLOWED_HOSTS = True, ["localhost"]
    repo = repository(name="shop")
    results(snapshot_row(repo, today_at(days_ago=1)), {"test_cart": "P"})
    refresh_repository(repo)
    sql, params = next(asked for asked in questions("/api/v1/search?q=cart") if "from test_words" in asked[0])
    with connection.cursor() as cursor:
        for way in ("seqscan", "indexscan", "nestloop"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN {sql}", params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Bitmap Index Scan on test_words_parts" in plan, plan


def test_a_page_of_the_estates_table_reads_the_organizations_that_stand_on_it(settings: Any) -> None:
    settings.PUBLIC, settings.ALLOWED_HOSTS = True, ["localhost"]
    for number in range(30):
        repository(organization(f"org-{number}"), name="shop")
    sql, params = questions("/")[-1]
    with connection.cursor() as cursor:
        for way in ("seqscan", "hashjoin", "mergejoin", "sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN {sql}", params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Incremental Sort" in plan and "organization_in_order" in plan, plan
    # By which index the rows with these ids are read depends on how many PostgreSQL expects.
    assert "= ANY" in plan, plan


ORDERS = {
    "/figures/tests/": ["repository_by_tests"],
    "/figures/pass-rate/": ["repository_by_failing_tests"],
    "/figures/coverage/": ["repository_by_lines"],
    "/figures/reporting/": ["repository_by_name"],
    "/api/v1/repos": ["repository_by_name"],
    "/api/v1/estate": ["repository_by_evidence"],
    "/": ["repository_by_last_change", "repository_by_coverage"],
}


def test_what_is_asked_of_all_repositories_is_read_in_the_order_of_an_index(settings: Any) -> None:
    settings.PUBLIC, settings.ALLOWED_HOSTS = True, ["localhost"]
    add(Size(3, 60, 8, 3, nightly=True))
    with connection.cursor() as cursor:
        # What earlier tests left in the table and its indexes would decide, of three rows.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("CLUSTER repository USING repository_pkey")
        cursor.execute("ANALYZE repository")
    for address, indexes in ORDERS.items():
        asked, plan = questions(address), ""
        with connection.cursor() as cursor:
            for way in ("seqscan", "sort"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
            for sql, params in asked:
                cursor.execute(f"EXPLAIN {sql}", params)
                plan += "\n".join(row[0] for row in cursor.fetchall())
        missing = [index for index in indexes if not re.search(rf"Scan .*\b{index}\b", plan)]
        assert not missing, f"{address} does without {missing}: {plan}"


def test_what_stands_beside_a_trend_is_gathered_once_and_not_for_each_commit(settings: Any) -> None:
    settings.PUBLIC, settings.ALLOWED_HOSTS = True, ["localhost"]
    add(Size(1, 60, 8, 3, nightly=True))
    shown = Repository.objects.get()
    sql, _ = next(asked for asked in questions(f"/r/{shown.full_name}/") if "version_before" in asked[0])
    for number, name in enumerate(dict.fromkeys(re.findall(r"%\((\w+)\)s", sql)), 1):
        sql = sql.replace(f"%({name})s", f"${number}")
    with connection.cursor() as cursor:
        # As it is planned for any commits, which is the plan that a connection keeps.
        cursor.execute(f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {sql.replace('%%', '%')}")
        plan = cursor.fetchone()[0][0]["Plan"]
    joined = [part for part in parts(plan) if part.get("Join Type") == "Left"]
    # Legs and versions lie in one heap: joined, each commit of one would be looked for among all of the other.
    assert not [
        part
        for part in joined
        if "sha" in f"{part.get('Hash Cond')} {part.get('Merge Cond')} {part.get('Join Filter')}"
    ], joined


def test_no_page_reads_facts_of_more_than_the_repository_it_shows(settings: Any) -> None:
    settings.PUBLIC, settings.ALLOWED_HOSTS = True, ["localhost"]
    add(Size(3, 60, 8, 3, nightly=True))
    shown = addresses(Repository.objects.exclude(latest=None).order_by("pk")[0])
    found, looked_at = [], 0
    with connection.cursor() as cursor:
        # Tables are small here: what is read from end to end even so has no index that would do in a large one.
        for way in ("seqscan", "hashjoin", "mergejoin"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        for _, address in shown.values():
            for sql, params in questions(address):
                cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
                [[plan]] = [json.loads(row[0]) if isinstance(row[0], str) else row[0] for row in cursor.fetchall()]
                for scan in scans(plan["Plan"]):
                    looked_at += scan[0] in FACTS
                    if crosses(*scan) and address.partition("?")[0].rstrip("0123456789/") not in ACROSS:
                        found.append((address, *scan, sql[:200]))
    assert looked_at > len(shown)
    assert not found, "\n".join(map(str, found))

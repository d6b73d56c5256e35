"""manage.py load_estate: creates and updates, deletes nothing, and answers a bad file with the line and the key."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given
from hypothesis import settings as trial
from hypothesis import strategies as st

from dashboard.loading import EstateFileError, read_estate_file
from dashboard.loading.estate_file import ORGANIZATION_KEYS, REPOSITORY_KEYS
from dashboard.models import Dependency, ForbiddenDependency, Organization, Repository

pytestmark = pytest.mark.django_db

ESTATE = """\
organizations:
  - {login: first-org, title: Theory, layer: 1, discover: true}
  - {login: second-org, layer: 2}
repositories:
  - full_name: second-org/app
    status: active
    tags: [flagship, web]
    depends_on: [first-org/engine, tools]
  - full_name: first-org/engine
    status: archived
    visibility: public
rules:
  forbid: [[first-org, second-org]]
"""


def load(folder: Path, text: str, *options: str) -> str:
    """Run the command on this text; what it printed."""
    file = folder / "estate.yaml"
    file.write_text(text)
    out = io.StringIO()
    call_command("load_estate", str(file), *options, stdout=out)
    return out.getvalue()


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(CommandError) as refused:
        load(folder, text)
    assert refused.value.returncode == 2
    return str(refused.value)


def test_a_file_brings_organizations_repositories_edges_and_rules(tmp_path: Path) -> None:
    load(tmp_path, ESTATE)
    organization = Organization.objects.get(login="first-org")
    assert (organization.title, organization.layer, organization.discover) == ("Theory", 1, True)
    app = Repository.objects.get(full_name="second-org/app")
    assert (app.tags, app.archived, app.private, app.enabled) == (["flagship", "web"], False, True, True)
    engine = Repository.objects.get(full_name="first-org/engine")
    assert (engine.archived, engine.archived_by_file, engine.private) == (True, True, False)
    rule = ForbiddenDependency.objects.get()
    assert (rule.organization.login, rule.target.login) == ("first-org", "second-org")


def test_a_dependency_written_above_its_target_is_led_to_it_and_a_bare_name_stays_in_its_organization(
    tmp_path: Path,
) -> None:
    load(tmp_path, ESTATE)
    edges = {edge.target_name: edge.target and edge.target.full_name for edge in Dependency.objects.all()}
    assert edges == {"first-org/engine": "first-org/engine", "second-org/tools": None}


def test_a_missing_target_is_found_when_a_later_file_brings_it(tmp_path: Path) -> None:
    assert "Leading to no known repository: 1" in load(tmp_path, ESTATE)
    load(tmp_path, "repositories: [{full_name: Second-Org/TOOLS}]")
    assert not Dependency.objects.filter(target=None).exists()


def test_loading_twice_changes_nothing_and_says_so(tmp_path: Path) -> None:
    load(tmp_path, ESTATE)
    before = (
        list(Repository.objects.values()),
        list(Organization.objects.values()),
        list(Dependency.objects.values()),
    )
    assert "Nothing to change" in load(tmp_path, ESTATE)
    after = (
        list(Repository.objects.values()),
        list(Organization.objects.values()),
        list(Dependency.objects.values()),
    )
    assert after == before


def test_what_a_file_does_not_write_stays_as_it_is(tmp_path: Path) -> None:
    load(tmp_path, ESTATE)
    load(tmp_path, "repositories: [{full_name: SECOND-ORG/App, language: Python}]")
    app = Repository.objects.get(name="app")
    assert (app.full_name, app.language, app.tags) == ("second-org/app", "Python", ["flagship", "web"])
    assert app.depends_on.count() == 2
    assert Organization.objects.get(login="second-org").layer == 2
    assert Repository.objects.count() == 2


def test_written_values_replace_what_was_there(tmp_path: Path) -> None:
    load(tmp_path, ESTATE)
    load(
        tmp_path,
        "organizations: [{login: second-org, layer: null}]\n"
        "repositories:\n"
        "  - {full_name: second-org/app, tags: [], depends_on: [first-org/engine], enabled: false}\n"
        "  - {full_name: first-org/engine, status: active}\n",
    )
    app, engine = Repository.objects.get(name="app"), Repository.objects.get(name="engine")
    assert (app.tags, app.enabled, engine.archived) == ([], False, False)
    assert [edge.target for edge in app.depends_on.all()] == [engine]
    assert Organization.objects.get(login="second-org").layer is None


def test_a_repository_that_github_calls_archived_stays_archived_whatever_the_file_says(tmp_path: Path) -> None:
    load(tmp_path, ESTATE)
    Repository.objects.filter(name="engine").update(archived_on_github=True)
    load(tmp_path, "repositories: [{full_name: first-org/engine, status: active}]")
    assert Repository.objects.get(name="engine").archived


def test_a_dry_run_tells_and_changes_nothing(tmp_path: Path) -> None:
    assert "New repositories: 2 (second-org/app, first-org/engine)" in load(tmp_path, ESTATE, "--dry-run")
    assert not Organization.objects.exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "repositories:\n  - full_name: a/b\n    state: active\n",
            "line 3: repositories[0].state: is not a known key",
        ),
        ("repositories:\n  - status: active\n", "line 2: repositories[0].full_name: is missing"),
        ("repositories:\n  - full_name: a/b\n    tags: web\n", "line 3: repositories[0].tags: must be a list"),
        (
            "repositories:\n  - full_name: a/b\n    tags: [x, [y]]\n",
            "line 3: repositories[0].tags[1]: must be a text",
        ),
        ("repositories:\n  - full_name: a/b\n    status: dead\n", "must be active or archived, not “dead”"),
        (
            "repositories:\n  - full_name: a/b\n  - full_name: A/B\n",
            "line 3: repositories[1].full_name: A/B is already",
        ),
        ("repositories:\n  - full_name: just-a-name\n", "must be owner/name"),
        ("repositories:\n  - full_name: a/b c\n", "“b c” is no repository"),
        ("repositories:\n  - {full_name: a/b, depends_on: [x/y/z]}\n", "repositories[0].depends_on[0]: “x/y”"),
        ("repositories:\n  - {full_name: a/b, enabled: perhaps}\n", "must be true or false, not “perhaps”"),
        (
            "organizations:\n  - {login: a, layer: third}\n",
            "line 2: organizations[0].layer: must be a whole number",
        ),
        ("organizations:\n  - {login: a, layer: true}\n", "organizations[0].layer: must be a whole number"),
        ("organizations:\n  - {login: no}\n", "put “no” in quotes"),
        ("organizations:\n  - {login: a, login: b}\n", "organizations[0].login: is written twice"),
        ("rules: {forbid: [[a, b, c]]}\n", "line 1: rules.forbid[0]: must be a pair"),
        ("organisations: []\n", "line 1: organisations: is not a known key; known are organizations"),
        ("- a\n- b\n", "line 1: must be a mapping with organizations, repositories, rules, not a list"),
        ("organizations:\n  - {login: a\n", "line 3: not readable as YAML"),
        ("", "line 1: the file is empty"),
        ("[" * 100_000, "nested far deeper"),
        ('{"organizations": [{"login": "a", "title": "\\u0000"}]}', "organizations[0].title: holds a NUL"),
    ],
)
def test_a_bad_file_is_answered_with_the_line_and_the_key(tmp_path: Path, text: str, said: str) -> None:
    assert said in refusal(tmp_path, text)


def test_one_mistake_keeps_the_whole_file_out_and_every_mistake_is_told(tmp_path: Path) -> None:
    said = refusal(tmp_path, ESTATE.replace("status: active", "status: on").replace("layer: 2", "layer: two"))
    assert "line 3: organizations[1].layer" in said
    assert "line 6: repositories[0].status" in said
    assert said.endswith("Nothing was changed.")
    assert not Organization.objects.exists()


def test_a_file_that_is_not_there_and_one_that_is_no_text_are_each_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("load_estate", str(tmp_path / "none.yaml"))
    (tmp_path / "picture").write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(CommandError, match="is not UTF-8 text"):
        call_command("load_estate", str(tmp_path / "picture"))


def test_json_indented_with_tabs_and_with_escaped_characters_is_read(tmp_path: Path) -> None:
    load(tmp_path, '{\n\t"organizations": [\n\t\t{"login": "a", "title": "\\ud83d\\ude00 \\u00e9"}\n\t]\n}')
    assert Organization.objects.get().title == "😀 é"


def test_a_self_dependency_and_a_repeated_one_are_stored_once_for_the_graph_to_show(tmp_path: Path) -> None:
    load(tmp_path, "repositories: [{full_name: a/b, depends_on: [b, a/b, A/B]}]")
    edge = Dependency.objects.get()
    assert edge.target == edge.repository


def test_the_number_of_queries_does_not_grow_with_the_file(tmp_path: Path, django_assert_max_num_queries) -> None:
    # 2 organizations, 2 repositories and their inserts, 5 for edges, 1 for rules, savepoints of bulk writes.
    for size in (5, 60):
        text = "repositories:\n" + "".join(
            f"  - {{full_name: org{size}/r{n}, depends_on: [r{n + 1}]}}\n" for n in range(size)
        )
        with django_assert_max_num_queries(20):
            load(tmp_path, text)


def test_the_example_of_the_documentation_loads_and_names_every_key(tmp_path: Path) -> None:
    page = (settings.BASE_DIR / "docs/estate-file.md").read_text()
    example = page.split("```yaml\n")[1].split("```")[0]
    load(tmp_path, example)
    for key in (*ORGANIZATION_KEYS, *REPOSITORY_KEYS):
        assert f"{key}:" in example


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
@trial(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_text_makes_reading_fail_other_than_with_problems(text: str) -> None:
    try:
        read_estate_file(text)
    except EstateFileError as error:
        assert error.problems

"""The demo estate: a real estate's repositories and reports, told as sixty nights that end today.

    estate = build(state_dir=Path("var/demo"), today=date.today())

What is real and what is generated: ``docs/demo.md``, and the title of each run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from collectors.lookalike.demo.facts import DemoFacts, DemoRepository, Workflow, load_facts, stable_id
from collectors.lookalike.demo.nights import LAST_RECORDED_NIGHT, PlannedRun, plan
from collectors.lookalike.estate import RETENTION, FakeEstate
from collectors.lookalike.things import FakeRepository, FakeRun, FakeTag

ANCHOR_FILE = "anchor.json"
# A re-run is started half an hour after the first attempt.
UNTIL_RE_RUN = timedelta(minutes=30)
TAGGED = frozenset({"organvm-iv-taxis/agentic-titan", "organvm-i-theoria/recursive-engine--generative-entity"})
FORK_ID = stable_id("a-stranger/agentic-titan")
# Room for the runs of a night in an id: its day, the repository's position, its slot.
RUNS_A_DAY, RUNS_A_REPOSITORY, ARTIFACTS_A_RUN = 1_000_000, 1_000, 100


def build(state_dir: Path, today: date) -> FakeEstate:
    """The estate as of ``today``.

    The first start in ``state_dir`` sets its calendar: the last recorded night becomes that day. Later starts keep
    it and add the nights since, so that runs, ids and bytes of the nights before stay what they were.
    Raises OSError with a sentence when what is kept there cannot be read.
    """
    facts = load_facts()
    shift = anchor(state_dir, today) - LAST_RECORDED_NIGHT
    last_night = max(today - shift, LAST_RECORDED_NIGHT)
    estate = FakeEstate(now=datetime.combine(today, time(), UTC))
    _add_organizations(estate, facts)
    for described in facts.repositories:
        repository = _add_repository(estate, described, shift)
        workflow = _workflow(described)
        repository.tags = list(_tags(described, shift))
        for planned in plan(described, last_night):
            _add_run(estate, repository, described, workflow, planned, shift)
    return estate


def anchor(state_dir: Path, today: date) -> date:
    """The day that the last recorded night fell on at the first start; written down then."""
    file = state_dir / ANCHOR_FILE
    if file.exists():
        try:
            return date.fromisoformat(json.loads(file.read_text(encoding="utf-8"))["anchor"])
        except (ValueError, KeyError, TypeError) as error:
            raise OSError(f"{file} is damaged; remove it and the demo's database to start anew") from error
    state_dir.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps({"anchor": today.isoformat()}) + "\n", encoding="utf-8")
    fresh.replace(file)
    return today


def _add_organizations(estate: FakeEstate, facts: DemoFacts) -> None:
    for organization in facts.organizations:
        estate.add_organization(
            organization.login,
            id=stable_id(organization.login),
            name=organization.title,
            description=organization.description,
        )


def _add_repository(estate: FakeEstate, described: DemoRepository, shift: timedelta) -> FakeRepository:
    fields = {} if described.committed_at is None else {"pushed_at": described.committed_at + shift}
    return estate.add_repository(
        described.full_name,
        id=stable_id(described.full_name),
        archived=described.archived,
        description=described.description,
        language=described.language,
        default_branch=described.default_branch,
        topics=[described.tier],
        files=_tree(described),
        # Of a repository that could not be read it is unknown, and GitHub always names a time.
        **{"pushed_at": FakeRepository.created_at, **fields},
    )


def _tags(described: DemoRepository, shift: timedelta) -> Iterator[FakeTag]:
    """Made up, and named so: which tags the real repositories had was not recorded."""
    if described.full_name in TAGGED:
        for number, commit in enumerate(described.commits(), start=1):
            yield FakeTag(
                f"demo-{number}",
                commit[0].sha,
                commit[0].committed_at + shift,
                annotated=number % 2 == 0,
                release=f"Demo release {number}" if number % 2 == 0 else None,
            )


def _tree(described: DemoRepository) -> dict[str, bytes]:
    """The files that are known by name: workflows, rebuilt from facts, and sources, empty."""
    tree = {workflow.path: _workflow_file(workflow) for workflow in described.workflows}
    return tree | dict.fromkeys(described.paths, b"")


def _workflow_file(workflow: Workflow) -> bytes:
    lines = [
        "# Rebuilt from recorded facts: the name, the triggers and the workflows called. The steps were not kept.",
        f"name: {json.dumps(workflow.name)}",
        f"on: {json.dumps(list(workflow.triggers))}",
        "jobs:",
        *(f"  call-{number}: {{uses: {json.dumps(uses)}}}" for number, uses in enumerate(workflow.calls, start=1)),
    ]
    if not workflow.calls:
        lines.append("  job: {runs-on: ubuntu-latest, steps: []}")
    return ("\n".join(lines) + "\n").encode()


def _workflow(described: DemoRepository) -> dict[str, str]:
    """The workflow that its reports would come from: the first that runs tests on a push, else any on a push."""
    pushed = [each for each in described.workflows if "push" in each.triggers]
    pushed.sort(key=lambda each: (not each.runs_tests, not each.path.endswith(("/ci.yml", "/test.yml"))))
    if not pushed:
        return {}
    return {"workflow_path": pushed[0].path, "workflow_name": pushed[0].name}


def _add_run(
    estate: FakeEstate,
    repository: FakeRepository,
    described: DemoRepository,
    workflow: dict[str, str],
    planned: PlannedRun,
    shift: timedelta,
) -> None:
    created_at = planned.created_at + shift
    took = timedelta(seconds=planned.seconds)
    again = any(upload.first_attempt for upload in planned.uploads)
    started_at = created_at + UNTIL_RE_RUN if again else created_at
    day = (planned.night + shift - date(2020, 1, 1)).days
    run = estate.add_run(
        repository,
        id=day * RUNS_A_DAY + described.position * RUNS_A_REPOSITORY + planned.slot,
        event=planned.event,
        conclusion=planned.conclusion,
        head_sha=planned.sha,
        display_title=planned.title,
        committed_at=planned.committed_at + shift,
        created_at=created_at,
        run_started_at=started_at,
        updated_at=started_at + took,
        run_attempt=2 if again else 1,
        **workflow,
    )
    if planned.from_fork:
        run.head_repository_id, run.head_branch = FORK_ID, "patch-1"
    _add_artifacts(estate, run, planned, shift)


def _add_artifacts(estate: FakeEstate, run: FakeRun, planned: PlannedRun, shift: timedelta) -> None:
    for number, upload in enumerate(planned.uploads):
        started_at = run.created_at if upload.first_attempt else run.run_started_at
        # The last steps of the job, one after the other.
        created_at = started_at + timedelta(seconds=planned.seconds - 20 + number)
        estate.add_artifact(
            run,
            upload.name,
            upload.content,
            id=run.id * ARTIFACTS_A_RUN + number,
            created_at=created_at,
            expired=upload.expired or created_at + RETENTION <= estate.now,
        )

"""Maven's results of each module, and Gradle's of each test task.

    [ERROR] Tests run: 9, Failures: 1, Errors: 3, Skipped: 2
    > Task :app:test FAILED
    12 tests completed, 3 failed, 1 skipped

Gradle itself counts the tasks that failed, and no other: a build of which one told nothing has no count. The usual
loggers tell all: “SUCCESS: Executed 12 tests in 1.2s (1 skipped)” and “Results: SUCCESS (12 tests, 11 passed, …)”.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from collectors.logs.counts import Counts

_MODULE = re.compile(
    r"(?:\[[A-Z]+\] )?Tests run: (\d{1,9}), Failures: (\d{1,9}), Errors: (\d{1,9}), Skipped: (\d{1,9})"
    r"(?:, Flakes: \d{1,9})?"
)
_BUILD = re.compile(r"(?:\[INFO\] )?Scanning for projects\.\.\.")

_TASK = re.compile(r"> Task (\S+?)(?: (FAILED|UP-TO-DATE|FROM-CACHE|NO-SOURCE|SKIPPED))?")
_TESTING = re.compile(r"(?:\S*:)?(?:test|\w*Test|test\w*UnitTest|connected\w*AndroidTest)")
_COMPLETED = re.compile(r"(\d{1,9}) tests? completed(?:, (\d{1,9}) failed)?(?:, (\d{1,9}) skipped)?")
_EXECUTED = re.compile(
    r"(?:SUCCESS|FAILURE): Executed (\d{1,9}) tests? in [^()]{1,40}?"
    r"(?: \((?:(\d{1,9}) failed)?(?:, )?(?:(\d{1,9}) skipped)?\))?"
)
_LISTENER = re.compile(
    r"\W*Results: (?:SUCCESS|FAILURE) \((\d{1,9}) tests?, \d{1,9} (?:passed|successes), "
    r"(\d{1,9}) (?:failed|failures), (\d{1,9}) skipped\)\W*"
)
_NOTHING_RAN = ("NO-SOURCE", "SKIPPED")


def maven(lines: Sequence[str]) -> Counts | None:
    """The last build of a step, its modules added up; lines with a time are of single classes."""
    builds: list[list[Counts]] = [[]]
    for line in lines:
        if "Scanning for projects" in line and _BUILD.fullmatch(line):
            builds.append([])
        elif "Tests run: " in line and (match := _MODULE.fullmatch(line)):
            ran, failed, errors, skipped = (int(number) for number in match.group(1, 2, 3, 4))
            tests = Counts.of(ran, failed=failed, errors=errors, skipped=skipped)
            if tests is None:
                return None
            builds[-1].append(tests)
    told = [build for build in builds if build]
    return Counts.sum(told[-1]) if told else None


def gradle(lines: Sequence[str]) -> Counts | None:
    """The last build of a step, if every test task that ran in it told its count."""
    told: dict[str, Counts] = {}
    ran: set[str] = set()
    task, last, ended = "", None, False
    for line in lines:
        if line.startswith("> Task ") and (match := _TASK.fullmatch(line)):
            if ended:
                told, ran, ended = {}, set(), False
            task = match[1]
            if _TESTING.fullmatch(task) and match[2] not in _NOTHING_RAN:
                ran.add(task)
        elif (tests := _of_task(line)) is not None:
            if ended:
                told, ran, ended, task = {}, set(), False, ""
            told[task] = tests
        elif line.startswith(("BUILD SUCCESSFUL", "BUILD FAILED")):
            ended = True
            last = _whole(told, ran) if told or ran else last
    return last if ended else _whole(told, ran)


def _whole(told: dict[str, Counts], ran: set[str]) -> Counts | None:
    return Counts.sum(told.values()) if told and ran <= told.keys() else None


def _of_task(line: str) -> Counts | None:
    """The count of a test task, in whatever words."""
    for pattern in (_COMPLETED, _EXECUTED):
        if match := pattern.fullmatch(line.strip()):
            return Counts.of(int(match[1]), failed=int(match[2] or 0), skipped=int(match[3] or 0))
    if match := _LISTENER.fullmatch(line):
        return Counts.of(int(match[1]), failed=int(match[2]), skipped=int(match[3]))
    return None

"""The processes behind the door: they die, fork, time out and are shared by threads, and reading goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from collectors.sandbox import LimitError, Limits, Sandbox, SandboxError, read_safely, read_several
from collectors.sandbox.limits import SETTINGS, from_environment, sentence

from .hostile import HOSTILE, MARK

JUNIT = b'<testsuite><testcase name="t" time="1"/></testsuite>'
ROOT = Path(__file__).parents[3]


@pytest.fixture
def box() -> Iterator[Sandbox]:
    box = Sandbox()
    yield box
    box.close()


def read(box: Sandbox) -> int:
    (report,) = read_safely(JUNIT, "x.xml", box=box).reports
    assert report.tests is not None
    return len(report.tests.cases)


def zygote_of(box: Sandbox) -> psutil.Process:
    assert box._process is not None
    return psutil.Process(box._process.pid)


def test_a_zygote_that_was_killed_is_started_again(box: Sandbox) -> None:
    assert read(box) == 1
    zygote_of(box).kill()
    assert read(box) == 1


def test_a_spare_that_was_killed_costs_one_reading_at_most(box: Sandbox) -> None:
    assert read(box) == 1
    for child in zygote_of(box).children():
        child.kill()
    read_safely(JUNIT, "x.xml", box=box)
    assert read(box) == 1


def test_a_zygote_ends_with_its_parent() -> None:
    code = (
        "import sys; from collectors.sandbox import Sandbox; box = Sandbox(); box.start();"
        "print(box._process.pid, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        zygote = psutil.Process(int(parent.stdout.readline()))
        family = [zygote, *zygote.children()]
        parent.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(family, timeout=10)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


def test_after_a_fork_each_process_has_a_zygote_of_its_own(box: Sandbox) -> None:
    assert read(box) == 1
    ours = zygote_of(box).pid
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            cases = read(box)
            os.write(write_end, f"{cases} {zygote_of(box).pid}".encode())
        finally:
            os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        cases, theirs = map(int, pipe.read().split())
    os.waitpid(child, 0)
    assert cases == 1 and theirs != ours
    assert read(box) == 1 and zygote_of(box).pid == ours


def test_threads_take_turns(box: Sandbox) -> None:
    counts: list[int] = []
    threads = [threading.Thread(target=lambda: counts.append(read(box))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [1] * 8


def test_a_task_whose_time_is_up_leaves_nothing_half_done(box: Sandbox) -> None:
    class TimeUpError(Exception):
        pass

    def interrupt(frame: object) -> None:
        raise TimeUpError

    from collectors.sandbox.frames import Order

    with pytest.raises(TimeUpError), open(os.devnull, "rb") as nothing:  # noqa: PTH123
        box.run("read", Order("x.xml", box.limits.reading), nothing.fileno(), interrupt)
    assert read(box) == 1


def test_the_descriptor_is_read_from_its_beginning_and_not_moved(box: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_bytes(JUNIT)
    with path.open("rb", buffering=0) as stream:
        stream.seek(7)
        (report,) = read_safely(stream.fileno(), "x.xml", box=box).reports
        assert report.tests is not None
        assert stream.tell() == 7


def test_no_process_at_all_is_a_sentence() -> None:
    box = Sandbox(zygote="collectors.no_such_module")
    with pytest.raises(SandboxError, match=r"No process could be started.*\."):
        box.start()


def test_what_it_cost_comes_with_the_reading(box: Sandbox) -> None:
    cost = read_safely(JUNIT, "x.xml", box=box).cost
    assert cost is not None
    assert 0 < cost.cpu_seconds < 5 and 0 < cost.wall_seconds < 10
    assert 5_000_000 < cost.peak_bytes < 512 * 1024 * 1024 and cost.output_bytes > 20


@pytest.mark.parametrize("value", ["x", "-1", "1.5", "0", "9999999999"])
@pytest.mark.parametrize("setting", [setting for setting, _, _ in SETTINGS.values()])
def test_a_limit_that_makes_no_sense_is_named(setting: str, value: str) -> None:
    with pytest.raises(LimitError, match=f"{setting}={value} makes no sense"):
        from_environment({setting: value})


def test_limits_come_from_the_environment_and_name_their_setting() -> None:
    limits = from_environment({"SANDBOX_CPU_SECONDS": "5", "SANDBOX_MEMORY_MEGABYTES": " 300 "})
    assert (limits.cpu_seconds, limits.memory_bytes) == (5, 300 * 1024 * 1024)
    assert from_environment({}) == Limits()
    for name, (setting, _, _) in SETTINGS.items():
        assert sentence(name, limits).endswith(f"raise {setting}.")


def test_several_small_files_share_a_child_and_say_what_each_says_alone(box: Sandbox) -> None:
    files = [(f"{n}.xml", JUNIT.replace(b'"t"', b'"t%d"' % n)) for n in range(5)] + [("notes.txt", b"nothing")]
    readings = read_several(files, box)
    assert [reading.reports[0].tests.cases[0].name for reading in readings[:5] if reading.reports[0].tests] == [
        "t0", "t1", "t2", "t3", "t4",
    ]  # fmt: skip
    assert readings[5].passed_over == ["notes.txt"]


def test_where_one_of_several_ends_the_child_the_others_are_read_alone() -> None:
    box = Sandbox(Limits(cpu_seconds=1, wall_seconds=5), HOSTILE)
    files = [("a.xml", JUNIT), ("b.xml", MARK + b"break down"), ("c.xml", JUNIT)]
    first, second, third = read_several(files, box)
    box.close()
    assert first.reports[0].tests is not None and third.reports[0].tests is not None
    assert second.error is not None and "broke down" in second.error

"""``python -m tests.fuzzing SECONDS [FORMAT…]``: mutate each format's samples, led by the code that they reach.

Every format is fuzzed in a process of its own for so many seconds, with libFuzzer's bounds on time and memory. A
parser must answer with figures that add up or with a ReportError; anything else is kept in
``var/fuzzing/<format>/`` and makes the command fail. What was found and mended belongs among the samples.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

from collectors.parsers import FORMATS

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests" / "samples" / "formats"
FOUND = ROOT / "var" / "fuzzing"
LARGEST_SEED = 60_000


def main(arguments: list[str]) -> int:
    seconds, names = int(arguments[0]), arguments[1:] or sorted(known.name for known in FORMATS)
    failed = []
    for name in names:
        started = time.monotonic()
        runs, code = fuzz(name, seconds)
        print(
            f"{name:24} {runs:>10} inputs in {time.monotonic() - started:4.0f} s  {'found one' if code else 'held'}"
        )
        sys.stdout.flush()
        if code:
            failed.append(name)
    return 1 if failed else 0


def fuzz(name: str, seconds: int) -> tuple[str, int]:
    """(how many inputs were tried, libFuzzer's exit status) for one format."""
    folder = FOUND / name
    seeds = folder / "seeds"
    shutil.rmtree(seeds, ignore_errors=True)
    seeds.mkdir(parents=True)
    for path in (SAMPLES / name).glob("*"):
        if not path.name.endswith(".expected.json") and path.stat().st_size <= LARGEST_SEED:
            shutil.copy(path, seeds)
    bounds = ["-max_len=65536", "-timeout=20", "-rss_limit_mb=1024", f"-max_total_time={seconds}"]
    command = [sys.executable, "-m", "tests.fuzzing.one", name, *bounds, f"-artifact_prefix={folder}/", str(seeds)]
    log = folder / "log"
    with log.open("wb") as output:
        code = subprocess.run(command, cwd=ROOT, stdout=output, stderr=output, check=False).returncode
    done = [line for line in log.read_text("utf-8", "replace").splitlines() if line.startswith("Done ")]
    return (done[-1].split()[1] if done else "?"), code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

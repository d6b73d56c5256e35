"""``python satisfied.py FILE…``: whether this Python has exactly what the requirements files ask for.

Run by dashboard/runtime/venv.sh inside ``.venv``, so that one which is complete is used as it is, offline. Reads
name, version and marker of each line (PEP 508) and ``-r`` lines; exit 0: complete, 1: it says what is missing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def wanted(path: Path) -> Iterator[str]:
    """The requirement lines of a file and of those that it refers to."""
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.split(" #")[0].strip()
        if text.startswith("-r "):
            yield from wanted(path.parent / text[3:].strip())
        elif text and not text.startswith(("#", "-")):
            yield text


def missing(lines: Iterator[str]) -> Iterator[str]:
    """Those of the lines that hold on this machine and are not met."""
    # Itself in requirements.txt: a Python without it is not complete.
    from packaging.requirements import Requirement

    for line in lines:
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate():
            continue
        try:
            if not requirement.specifier.contains(version(requirement.name), prereleases=True):
                yield line
        except PackageNotFoundError:
            yield line


def main(paths: list[str]) -> int:
    try:
        lacking = [line for path in paths for line in missing(wanted(Path(path)))]
    except ImportError:
        lacking = ["packaging"]
    for line in lacking:
        print(f"missing: {line}", file=sys.stderr)
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

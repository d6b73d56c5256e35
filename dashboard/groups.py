"""Which report group an artifact belongs to, told by its name (contract rule 3).

test-results-ubuntu-latest-py312   → test-results
unit (3.12, windows, shard 2)      → unit
3.11                               → default
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

DEFAULT_GROUP = "default"
SEPARATORS = re.compile(r"[-_.(), ]+")

SYSTEMS = (
    "ubuntu|linux|windows|win|win32|win64|macos|macosx|mac|osx|darwin|debian|fedora|alpine|centos|rhel|rocky|arch|"
    "freebsd|manylinux|musllinux|android|ios"
)
ARCHITECTURES = (
    "x86|x64|x32|amd64|arm64|aarch64|arm|armv6|armv7|armv7l|armhf|i386|i586|i686|"
    "ppc64le|ppc64|s390x|riscv64|universal2"
)
BROWSERS = "chrome|chromium|firefox|webkit|safari|edge|msedge|electron|opera|brave"
RUNTIMES = (
    "py|python|cp|cpython|pp|pypy|node|nodejs|jdk|jre|java|go|golang|ruby|rb|php|dotnet|net|netcoreapp|rust|rustc|"
    "django|torch|numpy|v"
)
DROPPED = re.compile(rf"(?:(?:{SYSTEMS})\d*|(?:{ARCHITECTURES})|(?:{BROWSERS})\d*|latest)")
# 3, 12, 3x, 1of4, 13rc2, v20, py312, node20, jdk17, py3x
VERSION = re.compile(rf"(?:{RUNTIMES})?\d+(?:x|t|of\d+|(?:a|b|rc|alpha|beta|dev|pre|post)\d*)?")
PART_WORDS = frozenset({"shard", "part", "chunk", "group", "split"})
NUMBERED_PART = re.compile(r"(?:shard|part|chunk|group|split)\d+(?:of\d+)?")
# What may stand between a part's number and another number, as in "shard 1 of 3" or "3.x".
BETWEEN_NUMBERS = frozenset({"of", "x"})


def group_of(artifact_name: str, chosen: Iterable[str] = ()) -> str:
    """The report group of an artifact; ``default`` when nothing is left of its name.

    ``chosen`` is the repository's own say, lines of “pattern = group”: the first pattern that fits decides.
    """
    for line in chosen:
        pattern, _, group = line.partition("=")
        if fnmatchcase(artifact_name.lower(), pattern.strip().lower()):
            return group.strip().lower() or DEFAULT_GROUP
    words = [word for word in SEPARATORS.split(artifact_name.lower()) if word]
    left: list[str] = []
    for position, word in enumerate(words):
        before = words[position - 1] if position else ""
        after = words[position + 1] if position + 1 < len(words) else ""
        if VERSION.fullmatch(word) or DROPPED.fullmatch(word) or NUMBERED_PART.fullmatch(word):
            continue
        if word in PART_WORDS and after[:1].isdigit():
            continue
        if word in BETWEEN_NUMBERS and before.isdigit() and (word == "x" or after.isdigit()):
            continue
        left.append(word)
    return "-".join(left) or DEFAULT_GROUP

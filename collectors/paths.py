"""Reported paths back to paths of the repository's own tree (contract rule 5).

Reports name files as the machine that ran them saw them: absolute, below a source root, with Windows separators or
a bundler's scheme, as installed in ``site-packages``, below a Go module's name, or relative to a package. What
cannot be told for certain is kept as reported and marked unresolved.

One file of a report is weak evidence, all of them together are strong: a lone name such as ``setup.py`` at the end
of a foreign path, or a path that fits after its first folders are cut, is believed only where the rest of its
report stands in the same place.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import islice
from typing import NamedTuple
from urllib.parse import unquote

from collectors.identity import CHECKOUT_PREFIX

DRIVE = re.compile(r"^[A-Za-z]:/")
# webpack:///./src/a.js, webpack://name/src/a.js, ng:///, turbopack://[project]/; what a URL names after its host.
SCHEME = re.compile(r"^(?P<scheme>[a-z][\w+-]+):/{2}[^/\\]*/+", re.I)
QUERY = re.compile(r"(?<=\.\w{2})\?.*$|(?<=\.\w{3})\?.*$|(?<=\.\w{4})\?.*$|(?<=\.\w{6})\?.*$")

# Where CI systems beyond those of ``identity`` check out; what follows is the repository's own path.
MORE_CHECKOUTS = re.compile(
    r"(?:/home/vsts/work/\d+/s|/home/travis/build/[^/]+/[^/]+|/(?:var/lib|home)/jenkins/(?:agent/)?workspace/[^/]+"
    r"|/drone/src|/(?:opt/atlassian|bitbucket)/pipelines/agent/build|/root/project|/proc/self/cwd"
    r"|/go/src/[^/]+\.[^/]+/[^/]+/[^/]+|/codebuild/output/src\d+/src/[^/]+/[^/]+/[^/]+|[A-Za-z]:/projects/[^/]+|/_)/"
)
# Installed or built copies of a package: what follows is named as Python imports it.
INSTALLED = re.compile(
    r"(?:^|/)(?:site-packages|dist-packages|build/lib(?:\.[^/]+)?|build/bdist\.[^/]+/(?:wheel|egg))/(?:[^/]+\.egg/)?"
)
# Other people's files: their names may end like the repository's own.
FOREIGN = re.compile(
    r"(?:^|/)(?:(?:site|dist)-packages|node_modules|bower_components|\.cargo/(?:registry|git)|\.rustup|rustc/[0-9a-f]{40}"
    r"|go/pkg/mod|\.m2/repository|\.gradle/caches|hostedtoolcache|nix/store|vendor/bundle|gems/[^/]+-\d[^/]*"
    r"|usr/(?:local/)?(?:lib\w*|include|share)|lib/python\d[.\d]*|Xcode[^/]*\.app|Library/Developer)/"
)
GO_MODULE = re.compile(r"^[\w-]+(?:\.[\w-]+)+/.+\.go$")
JVM = (".java", ".kt", ".scala", ".groovy")
# Of so many paths with one end, one more or less does not matter.
MOST_TWINS = 20
TEST_SOURCES = re.compile(r"(?:^|/)src/(?:\w*[tT]est\w*)/")


def normal(path: str) -> str:
    """Forward slashes, no ``./``, no doubled separators."""
    path = posixpath.normpath(path.replace("\\", "/")) if path else ""
    return "" if path == "." else path


def is_absolute(path: str) -> bool:
    return path.startswith("/") or bool(DRIVE.match(path))


def plain(reported: str) -> str:
    """A reported path without a bundler's or a URL's scheme and query, normal."""
    match = SCHEME.match(reported)
    if not match:
        return normal(reported)
    rest = unquote(QUERY.sub("", reported[match.end() :]))
    local = match["scheme"].lower() == "file" and not DRIVE.match(rest)
    return normal(f"/{rest}" if local else rest)


def folded(path: str) -> str:
    """For file systems that do not tell cases, or the two ways to write an accent, apart."""
    return unicodedata.normalize("NFC", path).casefold()


class Match(NamedTuple):
    """A path of the tree; ``base`` is what stood before it in the report, "" nothing. A weak one needs company."""

    path: str
    base: str = ""
    weak: bool = False


class _Index:
    """A tree's paths under one way of spelling them; two paths that are spelled alike are none."""

    def __init__(self, tree: Iterable[str], spelled: Callable[[str], str]) -> None:
        self.spelled = spelled
        self.paths: dict[str, str | None] = {}
        for path in tree:
            key = spelled(path)
            self.paths[key] = None if key in self.paths else path

    @cached_property
    def backwards(self) -> list[str]:
        """All paths written backwards, sorted: those with one end stand together."""
        return sorted(key[::-1] for key in self.paths)

    def get(self, path: str) -> str | None:
        return self.paths.get(self.spelled(path))

    def ending_with(self, path: str) -> str | None:
        """The one path that is this one or ends with it; of Java's and Kotlin's twins the one that is no test."""
        key = self.spelled(path)
        end = f"/{key}"[::-1]
        start = bisect_left(self.backwards, end)
        found = [key] if key in self.paths else []
        for one in islice(self.backwards, start, start + MOST_TWINS):
            if not one.startswith(end):
                break
            found.append(one[::-1])
        if len(found) > 1 and path.endswith(JVM):
            found = [one for one in found if not TEST_SOURCES.search(one)]
        return self.paths[found[0]] if len(found) == 1 else None


class PathResolver:
    """Knows one tree's paths; ``resolve`` answers for one reported path. An empty tree resolves nothing."""

    def __init__(self, tree: Iterable[str] = ()) -> None:
        self.tree = frozenset(tree)
        self._exact = _Index(self.tree, str)
        self._loose: _Index | None = None

    def resolve(self, reported: str, roots: tuple[str, ...] = ()) -> tuple[str, bool]:
        """(path, True) when it is one path of the tree for certain, else (tidied reported path, False)."""
        return self.resolve_all([(reported, roots)])[0]

    def resolve_all(self, reported: Sequence[tuple[str, tuple[str, ...]]]) -> list[tuple[str, bool]]:
        """All entries of one report, which was made in one place.

        Where all entries that are certain stand below one folder, a doubtful entry that exists there too is no
        longer in doubt: of four packages with a ``src/index.ts``, the report of one means its own.
        """
        given = [(plain(path), roots) for path, roots in reported]
        matches = [self._find(path, roots) for path, roots in given]
        places = _believed(matches)
        folders = {
            match.path.removesuffix(path)
            for match, (path, _) in zip(matches, given, strict=True)
            if match and not match.weak and match.path.endswith(path)
        }
        folder = folders.pop() if len(folders) == 1 else None
        found = []
        for match, (path, roots) in zip(matches, given, strict=True):
            if match and (not match.weak or match.base in places):
                found.append((match.path, True))
            elif folder is not None and folder + path in self.tree:
                found.append((folder + path, True))
            else:
                found.append((_tidied(path, roots), False))
        return found

    def _find(self, path: str, roots: tuple[str, ...]) -> Match | None:
        if not path or not self.tree:
            return None
        found = self._found(path, roots, self._exact)
        if found is None:
            self._loose = self._loose or _Index(self.tree, folded)
            found = self._found(path, roots, self._loose)
        return found

    def _found(self, path: str, roots: tuple[str, ...], index: _Index) -> Match | None:
        below = [posixpath.join(normal(root), path) for root in roots if root.strip()]
        if below and not is_absolute(path):
            matches = {match.path for one in below if (match := _located(one, index))}
            if len(matches) == 1:
                return Match(matches.pop())
            if matches:
                return None
            ending = index.ending_with(path)
            return Match(ending) if ending and not path.startswith("..") else None
        return _located(path, index)


def _located(path: str, index: _Index) -> Match | None:
    """Where one path leads: as it stands, as it is installed, at the end of one other, or by its own end."""
    rest = _below_checkout(path)
    absolute = is_absolute(rest)
    if not absolute and (exact := index.get(rest)):
        return Match(exact)
    if installed := list(INSTALLED.finditer(rest)):
        return _installed(rest[installed[-1].end() :], index)
    if FOREIGN.search(rest):
        return None
    if not absolute:
        whole = rest
        while whole.startswith("../"):
            whole = whole[3:]
        if ending := index.ending_with(whole):
            return Match(ending)
        rest = whole
    return _by_its_end(rest, absolute or bool(GO_MODULE.match(rest)), index)


def _by_its_end(rest: str, named_whole: bool, index: _Index) -> Match | None:
    """The longest end that is in the tree. ``named_whole``: from a machine's root on, or with a module's name."""
    parts = DRIVE.sub("", rest).strip("/").split("/")
    base = rest[: len(rest) - len("/".join(parts))]
    for start in range(len(parts)):
        if found := index.get("/".join(parts[start:])):
            alone = start == len(parts) - 1
            return Match(found, base + "/".join(parts[:start]), weak=alone or not named_whole)
    # A Go module below the tree's root; a Kotlin package whose first folders are left out, as is its custom.
    least = 2 if GO_MODULE.match(rest) else 1 if rest.endswith(".kt") else len(parts)
    ends = ("/".join(parts[start:]) for start in range(1, len(parts) - least + 1))
    found = next(filter(None, map(index.ending_with, ends)), None)
    return Match(found) if found else None


def _installed(name: str, index: _Index) -> Match | None:
    """A file of an installed package in its own repository: at the root, below ``src``, or where there is one."""
    found = index.get(name) or index.get(f"src/{name}")
    if found is None and "/" in name:
        found = index.ending_with(name)
    return Match(found) if found else None


def _believed(matches: Sequence[Match | None]) -> set[str]:
    """The places that weak matches are believed in: where certain ones stand, or, without any, where most do."""
    certain = [match for match in matches if match and not match.weak]
    if certain:
        return {match.base for match in certain if match.base}
    places = Counter(match.base for match in matches if match).most_common(2)
    if not places or (len(places) == 2 and places[0][1] == places[1][1]):
        return set()
    return {places[0][0]}


def _below_checkout(path: str) -> str:
    match = CHECKOUT_PREFIX.match(path) or MORE_CHECKOUTS.match(path)
    return path[match.end() :] if match else path


def _tidied(path: str, roots: tuple[str, ...]) -> str:
    if not is_absolute(path) and len(roots) == 1:
        whole = posixpath.join(normal(roots[0]), path)
        path = whole if _below_checkout(whole) != whole else path
    return _below_checkout(path)

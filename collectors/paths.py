"""Reported paths back to paths of the repository's own tree (contract rule 5).

Reports name files as the machine that ran them saw them: absolute, below a source root, with Windows separators,
or relative to a package. What cannot be told for certain is kept as reported and marked unresolved.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from collectors.identity import CHECKOUT_PREFIX

DRIVE = re.compile(r"^[A-Za-z]:/")


def normal(path: str) -> str:
    """Forward slashes, no ``./``, no doubled separators."""
    path = posixpath.normpath(path.replace("\\", "/")) if path else ""
    return "" if path == "." else path


def is_absolute(path: str) -> bool:
    return path.startswith("/") or bool(DRIVE.match(path))


class PathResolver:
    """Knows one tree's paths; ``resolve`` answers for one reported path. An empty tree resolves nothing."""

    def __init__(self, tree: Iterable[str] = ()) -> None:
        self.tree = frozenset(tree)
        self.by_name: dict[str, list[str]] = defaultdict(list)
        for path in self.tree:
            self.by_name[posixpath.basename(path)].append(path)

    def resolve(self, reported: str, roots: tuple[str, ...] = ()) -> tuple[str, bool]:
        """(path, True) when it is one path of the tree for certain, else (tidied reported path, False)."""
        path = normal(reported)
        found = {match for candidate in self._candidates(path, roots) if (match := self._exact(candidate))}
        if not found:
            found = set(self._ending_with(path))
        if len(found) == 1:
            return found.pop(), True
        return self._tidied(path, roots), False

    def resolve_all(self, reported: Sequence[tuple[str, tuple[str, ...]]]) -> list[tuple[str, bool]]:
        """``resolve`` for all entries of one report, which was made in one place.

        Where all entries that are certain stand below one folder, a doubtful entry that exists there too is no
        longer in doubt: of four packages with a ``src/index.ts``, the report of one means its own.
        """
        found = [self.resolve(path, roots) for path, roots in reported]
        folders = {
            path.removesuffix(normal(given))
            for (path, resolved), (given, _) in zip(found, reported, strict=True)
            if resolved and path.endswith(normal(given))
        }
        if len(folders) == 1:
            [folder] = folders
            for position, ((_, resolved), (given, _)) in enumerate(zip(found, reported, strict=True)):
                if not resolved and folder + normal(given) in self.tree:
                    found[position] = (folder + normal(given), True)
        return found

    def _candidates(self, path: str, roots: tuple[str, ...]) -> list[str]:
        if is_absolute(path):
            return [path]
        below_roots = [posixpath.join(normal(root), path) for root in roots if root.strip()]
        return below_roots or [path]

    def _exact(self, candidate: str) -> str | None:
        """The longest tail of the candidate that is a path of the tree."""
        if not is_absolute(candidate):
            candidate = candidate.lstrip("/")
            return candidate if candidate in self.tree else None
        parts = CHECKOUT_PREFIX.sub("", candidate).strip("/").split("/")
        tails = ("/".join(parts[start:]) for start in range(len(parts)))
        return next((tail for tail in tails if tail in self.tree), None)

    def _ending_with(self, path: str) -> list[str]:
        if is_absolute(path) or path.startswith(".."):
            return []
        return [
            known
            for known in self.by_name.get(posixpath.basename(path), ())
            if known == path or known.endswith("/" + path)
        ]

    def _tidied(self, path: str, roots: tuple[str, ...]) -> str:
        if not is_absolute(path) and len(roots) == 1 and CHECKOUT_PREFIX.match(normal(roots[0]) + "/"):
            path = posixpath.join(normal(roots[0]), path)
        return CHECKOUT_PREFIX.sub("", path, count=1) if CHECKOUT_PREFIX.match(path) else path

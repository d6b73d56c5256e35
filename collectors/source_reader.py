"""Source from GitHub, analysed and forgotten: what is known of a version of a file is asked for once ever.

``SourceReader`` belongs to one commit. It keeps to a number of requests, and what it learns is stored by the name
that Git gives to a file's bytes, so that on the next commit only changed files cost anything.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import msgspec

from collectors.coverage_settings import CONFIGURATION_FILES, Settings
from collectors.github.client import GitHubClient
from collectors.github.errors import NotFound
from collectors.sandbox import run_safely
from collectors.source_jobs import PathsOrder, SettingsOrder, SourceOrder
from collectors.source_lines import ANALYSER, LONGEST_SOURCE, SourceLines
from collectors.trees import Blob, Tree
from dashboard.models import Repository, SourceAnalysis
from dashboard.packing import digest_of
from dashboard.packing.squeezing import squeeze, unsqueeze

Told = TypeVar("Told", Settings, SourceLines)
Order = Callable[[bytes], SettingsOrder | SourceOrder]
NOT_GIVEN = "GitHub does not give the bytes that its tree names."

MOST_CONFIGURATIONS = 40
"""Configuration files of one commit that are read: more than one for each of twenty projects in a repository."""


class SpentError(Exception):
    """The commit's share of requests is used up; the rest is read next time."""


def done(job: str, order: msgspec.Struct) -> tuple[Any, str]:
    """Do a job on a stranger's bytes in a locked-down child: its value, or None and why there is none."""
    values, trouble, _ = run_safely(job, order)
    return (values[0], "") if values and trouble is None else (None, trouble or "it gave no answer")


class SourceReader:
    """Reads the files of one commit, ``allowed`` of them from GitHub."""

    def __init__(self, repository: Repository, client: GitHubClient, sha: str, tree: Tree, allowed: int) -> None:
        self.repository, self.client, self.sha, self.tree = repository, client, sha, tree
        self.left = allowed
        self.configurations = 0
        self.given = False
        self._settings: dict[str, Settings] = {}

    def settings_above(self, path: str) -> tuple[str, Settings]:
        """The settings that hold for a file: of the nearest folder above it that has any; and that folder."""
        folder = posixpath.dirname(path)
        while True:
            settings = self._settings_in(folder)
            if settings.given or not folder:
                return folder, settings
            folder = posixpath.dirname(folder)

    def _settings_in(self, folder: str) -> Settings:
        if folder not in self._settings:
            self._settings[folder] = Settings()
            for name in CONFIGURATION_FILES:
                blob = self.tree.get(posixpath.join(folder, name))
                if blob is None or blob.size > LONGEST_SOURCE or self.configurations >= MOST_CONFIGURATIONS:
                    continue
                self.configurations += 1
                settings = self._settings_from(posixpath.join(folder, name), blob)
                if settings.given:
                    self._settings[folder] = settings
                    break
        return self._settings[folder]

    def _settings_from(self, path: str, blob: Blob) -> Settings:
        name = posixpath.basename(path)
        mark = digest_of(b"configuration", name.encode(), ANALYSER.encode())
        return self._told(Settings, path, blob, mark, "coverage settings", lambda data: SettingsOrder({name: data}))

    def lines_of(self, path: str, settings: Settings) -> SourceLines:
        """What could run in a file of the tree. Raises SpentError, or a GitHubError when it cannot be had."""
        blob = self.tree[path]
        if blob.size > LONGEST_SOURCE:
            return SourceLines(error=f"It is longer than the {LONGEST_SOURCE // 2**20} MB that are analysed.")
        decisive = msgspec.json.encode([settings.exclude, settings.partial])
        mark = digest_of(b"source", decisive, ANALYSER.encode())
        return self._told(SourceLines, path, blob, mark, "source lines", lambda data: SourceOrder(data, settings))

    def _told(self, kind: type[Told], path: str, blob: Blob, mark: bytes, job: str, order: Order) -> Told:
        stored = SourceAnalysis.objects.filter(repository=self.repository, blob=blob.name, settings=mark).first()
        if stored is not None:
            return msgspec.json.decode(unsqueeze(stored.packed), type=kind)
        # Without settings no file can be read: they are no part of the share, and few.
        if kind is not Settings:
            if self.left <= 0:
                raise SpentError
            self.left -= 1
        data = self._bytes_of(path, blob)
        told: Any
        told, trouble = (None, NOT_GIVEN) if data is None else done(job, order(data))
        if told is None:
            sentence = f"It cannot be analysed: {trouble}"[:1_000]
            told = SourceLines(error=sentence) if kind is SourceLines else Settings(error=sentence, given=True)
        SourceAnalysis.objects.get_or_create(
            repository=self.repository,
            blob=blob.name,
            settings=mark,
            defaults={"packed": squeeze(msgspec.json.encode(told))},
        )
        return cast(Told, told)

    def _bytes_of(self, path: str, blob: Blob) -> bytes | None:
        assert self.repository.github_id is not None
        for ask in (self.client.contents, self.client.encoded_contents):
            try:
                data = ask(self.repository.github_id, path, self.sha)
            except NotFound:
                # Of one file alone it is a riddle; of the first it says that no source is to be had.
                if not self.given:
                    raise
                return None
            self.given = True
            if blob_name(data, len(blob.name)) == blob.name:
                return data
        return None

    def left_out(self, folder: str, settings: Settings, paths: Sequence[str]) -> set[str]:
        """Of files below a folder those that its settings leave out of reports."""
        below = {path[len(folder) + 1 :] if folder else path: path for path in paths}
        if not settings.include and not settings.omit:
            return set()
        matched, _ = done("files left out", PathsOrder(settings, list(below)))
        return {below[path] for path in matched or () if path in below}

    def renamed(self, paths: Sequence[str]) -> dict[str, str]:
        """Where the root's ``[paths]`` put files that were measured elsewhere, when that is a file of the tree."""
        settings = self._settings_in("")
        if not settings.paths or not paths:
            return {}
        found, _ = done("files renamed", PathsOrder(settings, list(paths)))
        known = {path: [name for name in names if name in self.tree] for path, names in (found or {}).items()}
        return {path: names[0] for path, names in known.items() if names}


def blob_name(data: bytes, digits: int) -> str:
    """Git's name of a file's bytes, in a repository of SHA-1 (40 digits) or SHA-256 (64)."""
    digest = hashlib.sha256 if digits == 64 else hashlib.sha1
    return digest(b"blob %d\0" % len(data) + data).hexdigest()

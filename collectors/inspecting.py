"""Files, zips and folders on this disk, read as ingest reads artifacts: each in the sandbox."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from collectors.parsers.results import Reading
from collectors.sandbox import Limits, read_safely, read_several

SMALL_BYTES, TOGETHER = 64 * 1024, 64
"""Files of a folder have one owner; starting a reader takes longer than reading a small one, so they share it."""


def inspect_paths(paths: Iterable[Path], limits: Limits | None = None) -> Iterator[tuple[Path, Reading]]:
    """Read files, archives and folders in path order; a folder stands for every file below it.

    Raises FileNotFoundError for a path that does not exist, and SandboxError when nothing can be read. A file that
    may not be opened gets ``Reading.error``.
    """
    paths = list(paths)
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"{path} does not exist.")
    small: list[tuple[Path, bytes]] = []
    for file in sorted({file for path in paths for file in _files_below(path)}):
        data = _small(file) if limits is None else None
        if data is not None:
            small.append((file, data))
        if small and (data is None or len(small) == TOGETHER):
            yield from _read_together(small)
            small = []
        if data is None:
            yield file, _read_path(file, limits)
    yield from _read_together(small)


def _small(file: Path) -> bytes | None:
    try:
        status = file.stat()
        return file.read_bytes() if stat.S_ISREG(status.st_mode) and status.st_size <= SMALL_BYTES else None
    except OSError:
        return None


def _read_together(files: list[tuple[Path, bytes]]) -> Iterator[tuple[Path, Reading]]:
    paths = [path for path, _ in files]
    if len(files) == 1:
        yield paths[0], read_safely(files[0][1], paths[0].name)
    elif files:
        yield from zip(paths, read_several([(path.name, data) for path, data in files]), strict=True)


def _files_below(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = [name for name in folders if name not in (".git", "node_modules", ".venv")]
        yield from (Path(folder, name) for name in names)


def _read_path(file: Path, limits: Limits | None) -> Reading:
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            return Reading(passed_over=[str(file)])
        with file.open("rb", buffering=0) as stream:
            return read_safely(stream.fileno(), file.name, limits)
    except OSError as trouble:
        return Reading(error=f"{file} cannot be opened ({trouble.strerror}).")

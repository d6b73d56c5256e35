"""Files, zips and folders on this disk, read as ingest reads artifacts: each in the sandbox."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from collectors.parsers.results import Reading
from collectors.sandbox import Limits, read_safely


def inspect_paths(paths: Iterable[Path], limits: Limits | None = None) -> Iterator[tuple[Path, Reading]]:
    """Read files, archives and folders in path order; a folder stands for every file below it.

    Raises FileNotFoundError for a path that does not exist, and SandboxError when nothing can be read. A file that
    may not be opened gets ``Reading.error``.
    """
    paths = list(paths)
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"{path} does not exist.")
    for file in sorted({file for path in paths for file in _files_below(path)}):
        yield file, _read_path(file, limits)


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

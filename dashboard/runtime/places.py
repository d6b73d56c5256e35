"""Where a checkout keeps what it makes: the ``var`` folder, its secrets, its locks and its logs."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dashboard.runtime.trouble import StartError

BASE = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Places:
    """The folders of one installation; everything that it writes lies below ``var``."""

    var: Path

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Places:
        return cls(Path(environ.get("CLERESTORY_VAR") or BASE / "var").absolute())

    @property
    def run(self) -> Path:
        """Locks, ports and process numbers: true only while something runs."""
        return self.var / "run"

    @property
    def log(self) -> Path:
        return self.var / "log"

    def make(self) -> None:
        """Make the folders; other accounts (a database server's) may pass through ``var`` but not list it."""
        try:
            for folder, mode in ((self.var, 0o711), (self.run, 0o700), (self.log, 0o700)):
                if not folder.is_dir():
                    folder.mkdir(parents=True)
                    folder.chmod(mode)
        except OSError as error:
            raise StartError(self._cannot_write(error)) from error

    def shown(self, path: Path) -> str:
        """A path as a reader at the checkout would type it."""
        return str(path.relative_to(BASE)) if path.is_relative_to(BASE) else str(path)

    def secret(self, name: str, length: int = 50) -> str:
        """The secret in ``var/<name>`` (mode 0600), made at the first call; two callers at once get the same."""
        path = self.var / name
        try:
            if not path.exists():
                self._write_new(path, secrets.token_urlsafe(length)[:length])
            text = path.read_text().strip()
        except OSError as error:
            raise StartError(self._cannot_write(error)) from error
        if not text:
            raise StartError(f"{self.shown(path)} is empty: remove it, and the next start makes a new one.")
        return text

    def replace(self, path: Path, text: str) -> None:
        """Write a file (mode 0600) so that a reader sees the old text or the new one, never half."""
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            draft.touch(mode=0o600)
            draft.write_text(text)
            draft.replace(path)
        except OSError as error:
            raise StartError(self._cannot_write(error)) from error

    def _write_new(self, path: Path, text: str) -> None:
        self.make()
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(text + "\n")
        try:
            # A link never replaces a file, so the first of two writers wins.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()

    def _cannot_write(self, error: OSError) -> str:
        return (
            f"{error.filename or self.var} cannot be used ({error.strerror}): run this as the user who owns "
            f"{self.shown(self.var)}, or set CLERESTORY_VAR to a folder of your own."
        )

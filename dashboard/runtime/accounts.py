"""Under which account the embedded servers run.

PostgreSQL refuses to run as root, so a start by root gives it to another account of the machine. That account
must be able to reach the programs and the data; ``can`` asks the kernel by trying.
"""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from dashboard.runtime.trouble import StartError

# Taken in this order. initdb looks its account up by number, so it must be one that the machine knows;
# Debian and macOS always have the last.
SPARE_ACCOUNTS = ("clerestory", "postgres", "nobody")


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int


def am_root() -> bool:
    return os.geteuid() == 0


def server_account(data: Path) -> Account | None:
    """The account for the servers; None: run as whoever runs this.

    Data that exist already decide: they are opened by their owner.
    """
    if not am_root():
        return None
    if data.is_dir() and (owner := data.stat()).st_uid != 0:
        return Account(_name_of(owner.st_uid), owner.st_uid, owner.st_gid)
    for name in SPARE_ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid > 0:
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise StartError(
        "PostgreSQL refuses to run as root and this machine has no spare account: make one with "
        "useradd --system clerestory, or start Clerestory as an ordinary user."
    )


def can(account: Account | None, path: Path, mode: int) -> bool:
    """Whether the account may use the path in this way (os.R_OK, os.W_OK, os.X_OK), every folder above included."""
    if account is None:
        return os.access(path, mode)
    child = os.fork()
    if child == 0:
        answer = 1
        try:
            os.setgroups([])
            os.setgid(account.gid)
            os.setuid(account.uid)
            answer = 0 if os.access(path, mode) else 1
        finally:
            os._exit(answer)
    return os.waitpid(child, 0)[1] == 0


def give(account: Account | None, path: Path) -> None:
    if account is not None:
        os.chown(path, account.uid, account.gid)


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)

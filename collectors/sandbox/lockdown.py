"""The layers around a child. Each holds alone; a kernel that lacks one still has the others.

``available`` tries every layer in a throw-away process, so that what is reported to hold was seen to hold;
``lock_down`` applies those in a child, for which a layer that fails then is the end: no byte reaches a child that
is half closed.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import mmap
import os
import resource
import signal
import struct
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass

from collectors.sandbox.limits import Limits
from collectors.sandbox.seccomp import Filter

NOBODY = 65534
"""The account that a root's children change to."""

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_LANDLOCK_CREATE, _LANDLOCK_RESTRICT = 444, 446
_LANDLOCK_VERSION = 1
# Rights over files that each version of Landlock knows, from the first on; all of them are given up.
_FILE_RIGHTS = (13, 14, 15, 15, 16)

_libc = ctypes.CDLL(None, use_errno=True)
_filter: Filter | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """``told`` is what a reader learns when it holds, ``missing`` when it does not."""

    name: str
    apply: Callable[[Limits], None]
    told: str
    missing: str


def _change_account(limits: Limits) -> None:
    if os.geteuid() != 0:
        raise PermissionError(errno.EPERM, "not root")
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def _die_with_parent(limits: Limits) -> None:
    # After the change of account, which clears it.
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _limit(limits: Limits) -> None:
    cpu = (limits.cpu_seconds, limits.cpu_seconds + 1)  # SIGXCPU, then SIGKILL
    for name, bounds in (
        ("RLIMIT_CORE", (0, 0)), ("RLIMIT_FSIZE", (0, 0)), ("RLIMIT_NPROC", (0, 0)), ("RLIMIT_NOFILE", (16, 16)),
        ("RLIMIT_MEMLOCK", (0, 0)), ("RLIMIT_MSGQUEUE", (0, 0)), ("RLIMIT_CPU", cpu),
    ):  # fmt: skip
        if hasattr(resource, name):  # macOS lacks some
            resource.setrlimit(getattr(resource, name), bounds)


def _limit_memory(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    try:
        mmap.mmap(-1, limits.memory_bytes).close()
    except OSError:
        return
    raise OSError(errno.ENOSYS, "the limit does not hold")  # macOS takes it and forgets it


def _give_up_privileges(limits: Limits) -> None:
    _prctl(_PR_SET_DUMPABLE, 0)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def _close_file_system(limits: Limits) -> None:
    """Landlock with no exception: no file by name, no TCP, no signal or abstract socket to anybody."""
    version = _libc.syscall(_LANDLOCK_CREATE, None, 0, _LANDLOCK_VERSION)
    if version < 1:
        raise OSError(ctypes.get_errno(), "landlock")
    files = (1 << _FILE_RIGHTS[min(version, len(_FILE_RIGHTS)) - 1]) - 1
    rules = struct.pack("QQQ", files, 3, 3)[: 8 if version < 4 else 16 if version < 6 else 24]
    ruleset = _libc.syscall(_LANDLOCK_CREATE, rules, len(rules), 0)
    if ruleset < 0 or _libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0):
        raise OSError(ctypes.get_errno(), "landlock")
    os.close(ruleset)


def _prepare() -> None:
    """Compile the filter once, for all children."""
    global _filter
    with contextlib.suppress(OSError):
        _filter = Filter()


def _filter_calls(limits: Limits) -> None:
    if _filter is None:
        raise OSError(errno.ENOSYS, "no filter for this machine")
    _filter.apply(_libc)
    try:
        os.close(os.open("/", os.O_RDONLY))
    except OSError:
        return
    raise OSError(errno.ENOSYS, "the filter does not hold")


def _prctl(option: int, value: int) -> None:
    if sys.platform != "linux" or _libc.prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno() or errno.ENOSYS, "prctl")


# In the order in which they are applied: each leaves the next what it needs.
LAYERS = (
    Layer(
        "account", _change_account,
        "Readers run under an account that owns nothing.",
        "Readers run under this program's own account (only root can give them another).",
    ),
    Layer(
        "death", _die_with_parent,
        "A reader ends with the process that started it.",
        "A reader may outlive a killed worker, until its time is up.",
    ),
    Layer(
        "limits", _limit,
        "A reader's computing time, files and processes are bounded.",
        "The system sets no bounds to a reader's computing time: it is ended when its time is up.",
    ),
    Layer(
        "memory", _limit_memory,
        "A reader's memory is bounded.",
        "The system does not bound a reader's memory (macOS): a large report may fill it.",
    ),
    Layer(
        "privileges", _give_up_privileges,
        "A reader can gain no privilege and cannot be looked into.",
        "The kernel cannot forbid a reader to gain privileges (no_new_privs needs Linux 3.5).",
    ),
    Layer(
        "landlock", _close_file_system,
        "Landlock: no file and no connection can be opened by a reader.",
        "Landlock is missing (Linux has it from 5.13, if switched on): files are closed by the call filter alone.",
    ),
    Layer(
        "seccomp", _filter_calls,
        "The kernel's call filter leaves a reader memory and the pipes it was given: no file, socket or process.",
        "The kernel's call filter (seccomp) is missing: a reader that a hostile file took over could open sockets.",
    ),
)  # fmt: skip


def available(limits: Limits) -> list[str]:
    """Names of the layers that hold here, tried in a process of their own. Raises OSError if none can be forked."""
    _prepare()
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        held = []
        try:
            for layer in LAYERS:
                with contextlib.suppress(OSError, ValueError, AttributeError):
                    layer.apply(limits)
                    held.append(layer.name)
            os.write(write_end, " ".join(held).encode())
        finally:
            os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as pipe:
        names = pipe.read().decode().split()
    os.waitpid(child, 0)
    return names


def lock_down(limits: Limits, held: Collection[str], keep: Collection[int]) -> None:
    """Close everything but ``keep`` and apply the layers named ``held``. Raises OSError if one does not hold."""
    _close_others(keep)
    for layer in LAYERS:
        if layer.name in held:
            layer.apply(limits)


def _close_others(keep: Collection[int]) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nothing, standard)
    lowest = 3
    for kept in sorted(keep):
        os.closerange(lowest, kept)
        lowest = kept + 1
    os.closerange(lowest, max(lowest, min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], 65_536)))

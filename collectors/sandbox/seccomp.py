"""The system calls that are left to a locked-down child, as a filter in the kernel's own little language.

Everything that is not listed fails with EPERM, so that a reader gets a clean OSError; calls of another architecture
kill. Memory can never be made executable.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
_LOAD, _EQUAL, _AT_LEAST, _BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_KILL, _ERRNO, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
_NUMBER, _ARCHITECTURE, _THIRD_ARGUMENT = 0, 4, 32  # places in struct seccomp_data
_PROT_EXEC = 4
_X32 = 0x40000000

# Reading what was handed over, memory, signals of its own, clocks, and the end. No open, no socket, no clone, no
# exec, no kill: a child that aborts ends all the same. recvmsg takes the artifact from the one socket it has.
_CALLS = {
    "x86_64": (
        0xC000003E,
        {
            "read": 0, "write": 1, "close": 3, "fstat": 5, "poll": 7, "lseek": 8, "munmap": 11, "brk": 12,
            "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "pread64": 17, "readv": 19, "writev": 20,
            "sched_yield": 24, "mremap": 25, "madvise": 28, "getpid": 39, "recvmsg": 47, "exit": 60,
            "gettimeofday": 96, "getrusage": 98, "sigaltstack": 131, "gettid": 186, "time": 201, "futex": 202,
            "restart_syscall": 219, "clock_gettime": 228, "clock_getres": 229, "clock_nanosleep": 230,
            "exit_group": 231, "set_robust_list": 273, "getrandom": 318, "rseq": 334,
        },
        {"mmap": 9, "mprotect": 10},
    ),
    "aarch64": (
        0xC00000B7,
        {
            "close": 57, "lseek": 62, "read": 63, "write": 64, "readv": 65, "writev": 66, "pread64": 67,
            "ppoll": 73, "fstat": 80, "exit": 93, "exit_group": 94, "futex": 98, "set_robust_list": 99,
            "clock_gettime": 113, "clock_getres": 114, "clock_nanosleep": 115, "sched_yield": 124,
            "restart_syscall": 128, "sigaltstack": 132, "rt_sigaction": 134, "rt_sigprocmask": 135,
            "rt_sigreturn": 139, "getrusage": 165, "gettimeofday": 169, "getpid": 172, "gettid": 178,
            "recvmsg": 212, "brk": 214, "munmap": 215, "mremap": 216, "madvise": 233, "getrandom": 278,
            "rseq": 293,
        },
        {"mmap": 222, "mprotect": 226},
    ),
}  # fmt: skip


class Filter:
    """A compiled filter; made once, applied in each child."""

    def __init__(self) -> None:
        """Raises OSError on an architecture whose system calls are not listed."""
        machine = platform.machine()
        if machine not in _CALLS:
            raise OSError(errno.ENOSYS, f"no list of system calls for {machine}")
        program = _program(*_CALLS[machine])
        self._instructions = ctypes.create_string_buffer(b"".join(program))
        address = ctypes.addressof(self._instructions)
        self._program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program), address), 16)

    def apply(self, libc: ctypes.CDLL) -> None:
        """From here on. Raises OSError where the kernel has no such filters."""
        if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, self._program, 0, 0):
            raise OSError(ctypes.get_errno(), "seccomp")


def _program(architecture: int, calls: dict[str, int], mapping: dict[str, int]) -> list[bytes]:
    """Jumps count from the next instruction; "denied", "allowed" and "mapping" follow the list."""
    allowed, mapped = sorted(calls.values()), sorted(mapping.values())
    listed = len(allowed) + len(mapped)
    program = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _KILL),
    ]
    for place, number in enumerate(mapped):
        program.append((_EQUAL, listed - place + 1, 0, number))
    for place, number in enumerate(allowed, start=len(mapped)):
        program.append((_EQUAL, listed - place, 0, number))
    program += [
        (_RETURN, 0, 0, _ERRNO | errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
        (_LOAD, 0, 0, _THIRD_ARGUMENT),  # both calls take the protection as their third
        (_BITS, 0, 1, _PROT_EXEC),
        (_RETURN, 0, 0, _ERRNO | errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return [struct.pack("HBBI", *instruction) for instruction in program]

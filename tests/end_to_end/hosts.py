"""Other hosts for workers: network namespaces of their own, whose loopback leads to this host's servers only.

A namespace has no network but a loopback of its own; the files of the two are the same. So each port is carried
over a Unix socket: ``here`` listens on the sockets of a folder and calls the ports, ``there`` listens on the same
ports of the namespace's loopback, calls the sockets and runs a command that finds its servers where it is used to.
"""

from __future__ import annotations

import asyncio
import fcntl
import socket
import struct
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

Dial = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]

SIOCSIFFLAGS, IFF_UP = 0x8914, 1
LOOPBACK = "127.0.0.1"
NAMESPACE = ["unshare", "--net", "--user", "--map-current-user", "--keep-caps"]
"""A namespace that any account may make for itself where the kernel allows it; it ends with its processes."""


def namespaces_allowed() -> bool:
    return subprocess.run([*NAMESPACE, "true"], capture_output=True).returncode == 0


def other_host(folder: Path) -> list[str]:
    """What to put before a command to run it on another host, behind the sockets of ``folder``."""
    return [*NAMESPACE, sys.executable, "-m", "tests.end_to_end.hosts", "there", str(folder)]


def bring_loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while some := await reader.read(65536):
            writer.write(some)
            await writer.drain()
    with suppress(OSError):
        writer.close()


def _joined(dial: Dial) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """A server's answer to a caller: whatever it says goes to who is dialled, and back."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await dial()
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pour(reader, far_writer), _pour(far_reader, writer))

    return answer


async def here(folder: Path, ports: list[int]) -> None:
    for port in ports:
        dial = _joined(lambda port=port: asyncio.open_connection(LOOPBACK, port))  # type: ignore[misc]
        await asyncio.start_unix_server(dial, folder / f"{port}.sock")
    print("listening", flush=True)
    await asyncio.Event().wait()


async def there(folder: Path, command: list[str]) -> int:
    bring_loopback_up()
    for path in folder.glob("*.sock"):
        dial = _joined(lambda path=path: asyncio.open_unix_connection(path))  # type: ignore[misc]
        await asyncio.start_server(dial, LOOPBACK, int(path.stem))
    process = await asyncio.create_subprocess_exec(*command)
    asyncio.get_running_loop().add_signal_handler(15, process.terminate)
    return await process.wait()


if __name__ == "__main__":
    side, place, *rest = sys.argv[1:]
    if side == "here":
        asyncio.run(here(Path(place), [int(port) for port in rest]))
    else:
        sys.exit(asyncio.run(there(Path(place), rest)))

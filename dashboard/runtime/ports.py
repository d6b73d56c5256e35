"""Ports of 127.0.0.1. IPv4 only: a machine without IPv6 must work, and nothing here is for other machines."""

from __future__ import annotations

import socket
import sys
from collections.abc import Mapping

from dashboard.runtime.trouble import StartError

LOOPBACK = "127.0.0.1"
WEB_PORT = 8000


def is_free(port: int) -> bool:
    """Whether a server could listen on this port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Without it a port whose last connections still linger would look taken after a quick restart.
        # Not so on macOS, where it would let two servers share the port.
        if sys.platform != "darwin":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def answers(port: int, timeout: float = 1.0) -> bool:
    """Whether something accepts connections on this port."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=timeout):
            return True
    except OSError:
        return False


def choose(count: int, wanted: list[int]) -> list[int]:
    """``count`` free ports: the wanted ones where they are still free, else what the kernel gives."""
    chosen = [port for port in wanted[:count] if is_free(port)]
    if len(chosen) == count:
        return chosen
    # Held open together, so that the kernel cannot give the same one twice.
    probes = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def web_port(environ: Mapping[str, str]) -> int:
    """``PORT``, checked: a number that an ordinary user's program may listen on, and free.

    Raises StartError with a sentence that names the port and how to move it.
    """
    text = environ.get("PORT", "").strip() or str(WEB_PORT)
    if not (text.isascii() and text.isdigit() and 1024 <= int(text) <= 65535):
        raise StartError(f"PORT={text} makes no sense: use a number from 1024 to 65535.")
    port = int(text)
    if not is_free(port):
        other = 9000 if port != 9000 else 9001
        raise StartError(
            f"Port {port} of {LOOPBACK} is taken by another program: end that one, or move Clerestory with "
            f"PORT={other} make run (or PORT={other} ./run)."
        )
    return port

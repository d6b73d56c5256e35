"""Chance that falls the same way at every start, on every machine and Python.

Only ``Random.random`` is used of the standard generator: its values for a seed are promised, those of its
other methods are not.
"""

from __future__ import annotations

import hashlib
from random import Random


def unit(*words: object) -> float:
    """A number from 0 to 1 (not reached) that these words always give."""
    text = "\x1f".join(map(str, words)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=6).digest(), "big") / 2**48


def stream(*words: object) -> Random:
    """A generator of numbers that these words always give; call its ``random`` only."""
    return Random("\x1f".join(map(str, words)))  # noqa: S311


def fake_sha(*words: object) -> str:
    """Forty hexadecimal digits for a commit that never was."""
    return hashlib.blake2b("\x1f".join(map(str, words)).encode(), digest_size=20).hexdigest()

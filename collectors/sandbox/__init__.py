"""Where a stranger's bytes are read: in a process that can do nothing else.

    this process ─▶ zygote: readers loaded, empty environment ─fork─▶ child: locked down, then given the bytes
                                                                       │ inflate, sniff, parse
    Reading ◀─ checked against its types and bounds ◀─ frames, a pipe ─┘

A child is forked ahead, closed in layers (``lockdown``): another account, bounds on memory, time and files, no new
privileges, Landlock, and a filter that leaves it no system call to open a file, a socket or a process. Then the
artifact's descriptor is passed to it. It reads one artifact and ends.

The doors:

* ``read_safely(descriptor or bytes, name) -> Reading``: all that an artifact holds, with what it cost.
* ``read_several([(name, bytes), …]) -> [Reading, …]``: small files of one owner, together in one child.
* ``run_safely(job, argument) -> (values, trouble, cost)``: any other work of the table in ``jobs``; ``trouble`` is
  None, or a sentence without its subject saying why the values are not all.
* ``layers() -> [(name, held, sentence)]``: which layers this kernel has.

All raise SandboxError, with a sentence, when no process can be had. To add work, add a row to ``jobs.JOBS``.
"""

from __future__ import annotations

from typing import Any

from collectors.parsers.results import Cost
from collectors.sandbox.limits import LimitError, Limits, sentence
from collectors.sandbox.parent import Sandbox, SandboxError
from collectors.sandbox.reader import read_safely, read_several, sandbox

__all__ = ["LimitError", "Limits", "Sandbox", "SandboxError", "layers", "read_safely", "read_several", "run_safely"]


def run_safely(job: str, argument: Any, limits: Limits | None = None) -> tuple[list[Any], str | None, Cost]:
    """Do a job of the table in a locked-down child."""
    box = sandbox(limits)
    values: list[Any] = []
    answer = box.run(job, argument, take=values.append)
    trouble = answer.trouble
    if trouble is not None and hasattr(box.limits, trouble):
        trouble = sentence(trouble, box.limits)
    return values, trouble, answer.cost


def layers() -> list[tuple[str, bool, str]]:
    """Name, whether it holds, and a sentence for each layer around a reader on this machine."""
    box = sandbox()
    box.start()
    return box.layers

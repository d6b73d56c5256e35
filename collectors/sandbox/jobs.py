"""The work that a locked-down child may be given: a name, what goes in, what comes out, and a pure function.

To add a job, write a row in ``JOBS``. The function must be pure and its module must import everything that it needs
at import time: in the child no file can be opened, so nothing can be imported later. Its argument and each value
that it yields travel as msgpack; the parent decodes them strictly by ``frame``, and what does not fit the type (use
``msgspec.Meta`` for bounds) is not believed. One yielded value is one frame of at most ``FRAME_BYTES``, so yield
many small values instead of a large one; a function that returns a list of them is fine too.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, BinaryIO

from collectors.coverage_settings import Settings
from collectors.logs.counts import LogCounts
from collectors.sandbox.frames import Frame, Order, SeveralFrame, SeveralOrder
from collectors.source_jobs import Paths, PathsOrder, SettingsOrder, SourceOrder
from collectors.source_lines import SourceLines


@dataclass(frozen=True, slots=True)
class Job:
    """``place`` is ``module:function``; the zygote imports it when it starts.

    The function is called with the argument, and with a binary file (seekable, read only) as well if ``file``.
    """

    place: str
    argument: Any
    """Type of the argument, as msgspec understands types."""
    frame: Any
    """Type of each value that comes back."""
    file: bool = False

    def load(self) -> Callable[..., Iterable[Any]]:
        module, _, name = self.place.partition(":")
        function: Callable[..., Iterable[Any]] = getattr(importlib.import_module(module), name)
        return function

    def call(self, argument: Any, file: BinaryIO | None) -> Iterable[Any]:
        return self.load()(argument, file) if self.file else self.load()(argument)


JOBS: dict[str, Job] = {
    "read": Job("collectors.sandbox.reports:frames_of", Order, Frame, file=True),
    "read several": Job("collectors.sandbox.reports:frames_of_several", SeveralOrder, SeveralFrame, file=True),
    "coverage settings": Job("collectors.source_jobs:read_settings", SettingsOrder, Settings),
    "source lines": Job("collectors.source_jobs:analyse_source", SourceOrder, SourceLines),
    "files left out": Job("collectors.source_jobs:match_left_out", PathsOrder, Paths),
    "files renamed": Job("collectors.source_jobs:match_renamed", PathsOrder, dict[str, Paths]),
    "log": Job("collectors.logs:counts_of", bytes, LogCounts),
}

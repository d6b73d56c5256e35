"""Spans of lines that ran or not, as .NET's tools write them: a statement from its first line to its last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import chain
from operator import gt

from collectors.parsers.lines import MAX_LINE, LineTable, refuse_too_many
from collectors.parsers.results import FileCoverage, ReportError

Span = tuple[bytes, bytes, bytes, bytes]
"""The source's number in the report, first line, last line, and the word for whether it ran."""


def by_source(spans: Iterable[Span]) -> dict[bytes, list[tuple[bytes, bytes, bytes]]]:
    """The spans of each source."""
    grouped: dict[bytes, list[tuple[bytes, bytes, bytes]]] = defaultdict(list)
    for source, first, last, ran in spans:
        grouped[source].append((first, last, ran))
    return grouped


class SpanTable(LineTable):
    """Adds spans to files, within the bounds that hold for lines."""

    def __init__(self, ran: frozenset[bytes]) -> None:
        super().__init__()
        self._ran = ran
        """The words that say that a span ran."""
        self._lines = 0

    def add_spans(self, file: FileCoverage, rows: list[tuple[bytes, bytes, bytes]]) -> None:
        """Add all lines of every span; a line on several is covered if one of them ran. Raises ReportError."""
        firsts, lasts, words = zip(*rows, strict=True)
        hits = [int(word in self._ran) for word in words]
        if not all(map(bytes.isdigit, firsts + lasts)):
            raise ReportError(f"A span of {file.path[:200]} has no first and last line.")
        if firsts == lasts:
            self.add(file, firsts, hits)
            return
        starts, ends = [int(first[:18]) for first in firsts], [int(last[:18]) for last in lasts]
        if max(ends) > MAX_LINE or any(map(gt, starts, ends)):
            raise ReportError(f"A span of {file.path[:200]} ends before it begins, or beyond line {MAX_LINE:,}.")
        self._lines += sum(ends) - sum(starts) + len(starts)
        refuse_too_many(self._lines)
        spans = [range(start, end + 1) for start, end in zip(starts, ends, strict=True)]
        repeated = chain.from_iterable([hit] * len(span) for hit, span in zip(hits, spans, strict=True))
        self.add(file, list(chain.from_iterable(spans)), list(repeated))

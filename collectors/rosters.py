"""How a new set of tests is stored: by one that is stored already where they are almost the same, or whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dashboard.models import Roster
from dashboard.packing.differences import told_by
from dashboard.packing.squeezing import squeeze_codes

MOST_BASES = 8
"""Stored sets that a new one is held against: a repository has some for each of its report groups."""


def new_roster(
    repository_id: int, digest: bytes, case_ids: Sequence[int], codes: bytes, bases: Iterable[Roster]
) -> Roster:
    """The row, not saved yet. ``codes``: what the tests took, "" where that is not known; ``bases`` are whole."""
    roster = Roster(repository_id=repository_id, digest=digest)
    for base in bases:
        told = told_by(base.case_ids, case_ids)
        # Sets that were stored before durations were kept with them tell nothing about durations.
        if told is not None and bool(base.usual) == bool(codes):
            roster.base, roster.gone, roster.come = base, told.gone, told.come
            case_ids, codes = told.came(case_ids), bytes(told.came(codes)) if codes else b""
            break
    roster.own_ids, roster.own_durations = list(case_ids), squeeze_codes(codes)
    return roster

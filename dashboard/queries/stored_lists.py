"""Which tests a report has and which lines each file of a commit has: long lists, stored once for each content."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import overload

from dashboard.packing.differences import NOTHING, Difference
from dashboard.packing.squeezing import DIFFERENT, mixed
from dashboard.queries.rows import named_rows

# array_send: a list as PostgreSQL sends it, from which a few numbers can be read without the others.
LISTS = """
    with asked as (
        select id, base_id, gone, come, case_ids from test_roster where id = any(%(rosters)s)
    ), bases as (
        select base_id as id from asked where base_id is not null
    )
    select 'roster' as kind, id, base_id, gone, come, array_send(case_ids) as ids, null::bytea as maps from asked
    union all
    select 'roster', id, null, null, null, array_send(case_ids), null from test_roster
    where id in (select id from bases) and id not in (select id from asked)
    union all
    select 'manifest', id, null, null, null, array_send(file_ids), array_send(line_map_ids)
    from coverage_manifest where id = any(%(manifests)s)
"""


FEW = 10
"""One in so many numbers of a list is read by itself; of more the whole list is read, at a tenth of that each."""


class SentNumbers(Sequence[int]):
    """A list of bigints as PostgreSQL sends it: each behind the four bytes of its length, all behind a head."""

    HEAD, EACH = 20, 12

    def __init__(self, sent: bytes) -> None:
        self.sent = bytes(sent)
        self.length = max(0, len(self.sent) - self.HEAD) // self.EACH

    def __len__(self) -> int:
        return self.length

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> list[int]: ...
    def __getitem__(self, place: int | slice) -> int | list[int]:
        if isinstance(place, slice):
            return list(self)[place]
        if not 0 <= place < self.length:
            raise IndexError(place)
        at = self.HEAD + self.EACH * place + 4
        return int.from_bytes(self.sent[at : at + 8], "big")

    def __iter__(self) -> Iterator[int]:
        """All at once: words of four bytes, of which every third is a length."""
        words = array("i", self.sent[self.HEAD :])
        halves = array("i", bytes(8 * len(self)))
        halves[0::2], halves[1::2] = words[1::3], words[2::3]
        numbers = array("q", halves.tobytes())
        if sys.byteorder == "little":
            numbers.byteswap()
        return iter(numbers)

    def at(self, places: Sequence[int]) -> list[int]:
        """The numbers that stand there; where many are wanted, all are read first."""
        numbers = list(self) if len(self) < FEW * len(places) else self
        return [numbers[place] for place in places]

    def places_other_than(self, other: SentNumbers) -> list[int]:
        """Where two lists of one length differ; costs what differs, as long as that is little."""
        found = mixed(self.sent, other.sent)
        if FEW * (len(found) - found.count(0)) > len(self):
            return [place for place, pair in enumerate(zip(self, other, strict=True)) if pair[0] != pair[1]]
        return list(dict.fromkeys((at.start() - self.HEAD) // self.EACH for at in DIFFERENT.finditer(found)))


@dataclass(frozen=True, slots=True)
class StoredRoster:
    """A set of tests: ``base`` (its id and its tests) with what is gone and what came since."""

    base_id: int
    base: SentNumbers
    told: Difference = NOTHING
    came: Sequence[int] = ()

    @property
    def ids(self) -> Sequence[int]:
        """All tests, in order."""
        return self.told.applied(self.base, self.came) if self.told.told else self.base

    def id_at(self, place: int) -> int:
        return self.told.item(self.base, self.came, place) if self.told.told else self.base[place]


@dataclass(frozen=True, slots=True)
class StoredManifest:
    """The files of a commit and the line map of each, in the same order."""

    files: SentNumbers
    maps: SentNumbers


@dataclass(frozen=True, slots=True)
class StoredLists:
    """By id."""

    rosters: dict[int, StoredRoster] = field(default_factory=dict)
    manifests: dict[int, StoredManifest] = field(default_factory=dict)


def stored_lists(rosters: Collection[int], manifests: Collection[int]) -> StoredLists:
    """One query, none where nothing is asked for."""
    found = StoredLists()
    if not rosters and not manifests:
        return found
    rows = named_rows(LISTS, {"rosters": list(rosters), "manifests": list(manifests)})
    ids = {row.id: SentNumbers(row.ids) for row in rows if row.kind == "roster"}
    for row in rows:
        if row.kind == "manifest":
            found.manifests[row.id] = StoredManifest(SentNumbers(row.ids), SentNumbers(row.maps))
        elif row.base_id is None:
            found.rosters[row.id] = StoredRoster(row.id, ids[row.id])
        else:
            told = Difference(row.gone, row.come)
            found.rosters[row.id] = StoredRoster(row.base_id, ids[row.base_id], told, ids[row.id])
    return found


def other_maps(base: StoredManifest | None, head: StoredManifest | None) -> tuple[dict[int, int], dict[int, int]]:
    """File → line map where the two do not have the same one, on each of them."""
    if base and head and base.files.sent == head.files.sent:
        places = base.maps.places_other_than(head.maps)
        files = base.files.at(places)
        before, after = (dict(zip(files, side.maps.at(places), strict=True)) for side in (base, head))
        return before, after
    one, other = (set(zip(side.files, side.maps, strict=True)) if side else set() for side in (base, head))
    return dict(one - other), dict(other - one)

"""A long list told by another one that is almost the same: what is gone, and what came between what stayed.

    base    a b c d e          gone  1          the places in ``base`` of what is gone
    other   a x c d e y        come  1 4        how many of those that stayed stand before each one that came
                               came  x y

What stayed is in the same order in both, so that places, and whatever stands in a list's order, can be carried from
one to the other without either of them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

Item = TypeVar("Item")

SHARE = 16
"""A list is told by another one where at most one in so many items is gone or came."""


@dataclass(frozen=True)
class Difference:
    """Both ascend; what came itself is kept beside it."""

    gone: Sequence[int] = ()
    come: Sequence[int] = ()

    @property
    def told(self) -> bool:
        """Whether anything is other."""
        return bool(self.gone or self.come)

    @cached_property
    def places(self) -> list[int]:
        """Where in the other list each one stands that came."""
        return [stayed + number for number, stayed in enumerate(self.come)]

    @cached_property
    def before(self) -> list[int]:
        """How many of those that stayed stand before each one that is gone."""
        return [place - number for number, place in enumerate(self.gone)]

    def place(self, in_base: int) -> int | None:
        """Where in the other list stands what has this place in the base; None: it is gone."""
        before = bisect_left(self.gone, in_base)
        if self.gone[before : before + 1] == [in_base]:
            return None
        return in_base - before + bisect_right(self.come, in_base - before)

    def item(self, base: Sequence[Item], came: Sequence[Item], place: int) -> Item:
        """What stands at a place of the other list."""
        earlier = bisect_left(self.places, place)
        if self.places[earlier : earlier + 1] == [place]:
            return came[earlier]
        stayed = place - earlier
        return base[stayed + bisect_right(self.before, stayed)]

    def applied(self, base: Iterable[Item], came: Iterable[Item]) -> list[Item]:
        """The other list."""
        return _inserted(_without(list(base), self.gone), self.come, came)

    def came(self, other: Sequence[Item]) -> list[Item]:
        return [other[place] for place in self.places]

    def on_base(self, other: Iterable[Item], filler: Item) -> list[Item]:
        """What stands in the other list's order, in the base's; ``filler`` for what is gone."""
        return _inserted(_without(list(other), self.places), self.before, [filler] * len(self.gone))


NOTHING = Difference()


def _without(items: list[Item], places: Iterable[int]) -> list[Item]:
    found: list[Item] = []
    at = 0
    for place in places:
        found += items[at:place]
        at = place + 1
    return found + items[at:]


def _inserted(stayed: list[Item], before: Sequence[int], items: Iterable[Item]) -> list[Item]:
    found: list[Item] = []
    at = 0
    for number, item in zip(before, items, strict=True):
        found += stayed[at:number]
        found.append(item)
        at = number
    return found + stayed[at:]


def difference(base: Sequence[int], other: Sequence[int]) -> Difference | None:
    """None where what is in both is not in the same order. No item stands twice in a list."""
    there, here = set(base), set(other)
    gone = [place for place, item in enumerate(base) if item not in here]
    places = [place for place, item in enumerate(other) if item not in there]
    found = Difference(gone, [place - number for number, place in enumerate(places)])
    return found if found.applied(base, found.came(other)) == list(other) else None


def told_by(base: Sequence[int], other: Sequence[int]) -> Difference | None:
    """The difference, where it is so small that it tells the other list in much less."""
    most = len(other) // SHARE
    if abs(len(base) - len(other)) > most:
        return None
    found = difference(base, other)
    return found if found is not None and len(found.gone) + len(found.come) <= most else None

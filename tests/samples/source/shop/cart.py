"""A cart, and many shapes of statements."""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PRICES = {
    "apple": 3,
    "pear": 4,
}


class Cart:
    """Things to buy."""

    limit = 10

    def __init__(
        self,
        *things: str,
    ) -> None:
        self.things = list(
            things,
        )

    @property
    def total(self) -> int:
        return sum(
            PRICES.get(thing, 0)
            for thing in self.things
            if thing
        )

    @functools.cache
    def size(self) -> int:
        if len(self.things) > self.limit:
            return self.limit
        return len(self.things)

    def __repr__(self) -> str:  # pragma: no cover
        if self.things:
            return "Cart of things"
        return "Cart"

    def todo(self) -> None: ...


def kind(thing: object) -> str:
    match thing:
        case {"name": str()}:
            return "named"
        case [_, *_]:
            return "several"
        case _:
            return "one"


def until_found(names: list[str], wanted: str) -> int:
    position = 0
    while True:
        if position >= len(names):
            raise LookupError(wanted)
        if names[position] == wanted:
            break
        position += 1
    for name in names:
        if name == wanted:  # pragma: no branch
            continue
    else:
        position += 0
    return position


def careful(names: list[str]) -> str:
    with contextlib.suppress(LookupError), contextlib.nullcontext():
        until_found(names, "pear")
        return "pear"
    try:
        until_found(names, "apple")
    except LookupError:
        answer = "nothing"
    else:
        answer = "apple"
    finally:
        names.clear()
    return answer


def numbers() -> Iterator[int]:
    yield from (number for number in range(3) if number % 2)
    first = second = 1; third = """
    of several lines
    """
    if first and not second: return
    yield len(third)


if __name__ == "__main__":
    cart = Cart("apple", "pear")
    assert cart.total == 7
    assert cart.size() == 2
    print(kind({"name": "x"}), kind([1]))
    print(careful(["apple", "pear"]), careful(["apple"]), careful([]))
    print(list(numbers()))
    from shop import generated, notes, stock

    print(stock.SHELVES, notes.TEXT, generated.TABLE)

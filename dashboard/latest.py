"""What was asked for last, up to so much of it: the one store of all that a process keeps to answer sooner."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Latest(Generic[Key, Value]):
    """Values by key; past ``most`` those go that were asked for longest ago. For any number of threads.

    ``weigh`` says how much of ``most`` a key with its value takes; without it each is 1.
    """

    def __init__(self, most: int, weigh: Callable[[Key, Value], int] = lambda key, value: 1) -> None:
        self.most, self.weight = most, 0
        self._weigh = weigh
        self._held: OrderedDict[Key, Value] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._held)

    def get(self, key: Key) -> Value | None:
        with self._lock:
            value = self._held.pop(key, None)
            if value is not None:
                self._held[key] = value  # as the newest: to move it would compare the key, which can be long, anew
            return value

    def put(self, key: Key, value: Value) -> Value:
        with self._lock:
            if key in self._held:  # two were at it at once
                self.weight -= self._weigh(key, self._held.pop(key))
            self._held[key] = value
            self.weight += self._weigh(key, value)
            while self.weight > self.most:
                self.weight -= self._weigh(*self._held.popitem(last=False))
        return value

    def clear(self) -> None:
        with self._lock:
            self._held.clear()
            self.weight = 0

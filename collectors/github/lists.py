"""GitHub's lists, page by page, as typed values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from . import sansio
from .connection import Answer, Connection
from .errors import UnexpectedAnswer

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list. ``etag`` is of this page, ``total`` GitHub's count of the whole list (None: not given).

    ``not_modified`` can only be true of a first page that was asked for with its ETag; it then has no items.
    """

    items: tuple[Item, ...]
    etag: str
    total: int | None = None
    not_modified: bool = False


class ListReader(Connection):
    """A connection that reads lists to their end, or as far as somebody asks."""

    def list_of(
        self,
        path: str,
        query: Mapping[str, str],
        etag: str | None,
        key: str,
        parse: Callable[[dict[str, Any]], Item],
        about: str,
        *,
        keep: bool = False,
    ) -> Iterator[Page[Item]]:
        """A list from its first page on, which is asked with ``etag``; its items stand under ``key``."""
        first = self.get_conditional(path, query, etag, about=about, keep=keep)
        if first.not_modified:
            yield Page((), first.etag, not_modified=True)
            return
        yield from self.pages_from(first, key, parse, about)

    def pages_from(
        self, answer: Answer, key: str, parse: Callable[[dict[str, Any]], Item], about: str
    ) -> Iterator[Page[Item]]:
        """Pages from a first answer on; an item that slid onto the next page while we read comes once."""
        seen: set[int] = set()
        for _ in range(sansio.MOST_PAGES):
            items, total = _items(answer.data, key, about)
            parsed = [parse(item) for item in items if item.get("id") not in seen]
            seen.update(item["id"] for item in items)
            yield Page(tuple(parsed), answer.etag, total)
            if not answer.next_url:
                return
            answer = self.get_conditional(answer.next_url, about=about)
        raise UnexpectedAnswer(f"GitHub's list of {about} has no end: report it.")


def _items(data: Any, key: str, about: str) -> tuple[list[dict[str, Any]], int | None]:
    """The list in an answer, bare or under ``key`` beside its ``total_count``."""
    items = data.get(key) if key and isinstance(data, dict) else data
    if not isinstance(items, list) or not all(isinstance(item, dict) and "id" in item for item in items):
        raise UnexpectedAnswer(f"GitHub's answer for {about} is no list: check GITHUB_API_URL.")
    total = data.get("total_count") if isinstance(data, dict) else None
    return items, total if isinstance(total, int) else None

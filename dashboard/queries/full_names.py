"""A repository's full name, "owner/name", taken apart for its address."""

from __future__ import annotations


class FullNamed:
    """For values with a ``full_name``."""

    __slots__ = ()
    full_name: str

    @property
    def owner(self) -> str:
        return self.full_name.partition("/")[0]

    @property
    def name(self) -> str:
        return self.full_name.partition("/")[2]

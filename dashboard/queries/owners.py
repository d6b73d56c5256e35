"""Who answers for a repository: a tag “owner:payments” says it, so that the estate's file and the admin both can.

GitHub's topics hold no colon, so no topic is ever taken for an owner.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import CharField, Func

OWNER = "owner:"


class OwnerOf(Func):
    """The first owner among the tags in SQL; NULL where none is named."""

    template = "substring(array_to_string(%(expressions)s, E'\\n') from '(?n)^owner:(.+)$')"
    output_field = CharField()


def owner_of(tags: Iterable[str]) -> str:
    """The first owner among the tags; "" where none is named."""
    return next((tag.removeprefix(OWNER) for tag in tags if tag.startswith(OWNER) and tag != OWNER), "")

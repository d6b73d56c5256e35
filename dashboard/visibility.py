"""Who is reading: the one value that the visibility rule needs (``Repository.objects.visible_to``)."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Reader:
    """``public_installation``: anonymous readers may see public repositories (the PUBLIC setting)."""

    is_staff: bool
    public_installation: bool

    @property
    def sees_private(self) -> bool:
        return self.is_staff


EVERYONE = Reader(is_staff=False, public_installation=True)
STAFF = Reader(is_staff=True, public_installation=True)


def reader_of(request: HttpRequest) -> Reader:
    """The reader behind a request."""
    user = getattr(request, "user", None)
    return Reader(
        is_staff=bool(user and user.is_authenticated and user.is_staff), public_installation=settings.PUBLIC
    )

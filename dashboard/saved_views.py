"""What a reader does with views of the estate: save, rename, open one first, remove; each reader with their own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from django.db import transaction
from django.urls import reverse

from dashboard.models import SavedView
from dashboard.models.organization import LOGIN

LONGEST_NAME = 80
LONGEST_QUERY = 2_000
MOST_VIEWS = 50


class ViewRefusedError(Exception):
    """Why a view was not saved, as a sentence for its reader."""


@dataclass(frozen=True, slots=True)
class View:
    id: int
    name: str
    login: str
    query: str
    opens_first: bool

    @property
    def address(self) -> str:
        page = reverse("organization", args=[self.login]) if self.login else reverse("estate")
        # Without a query the estate would open the reader's first view instead.
        return f"{page}?{self.query}" if self.query else f"{page}?view=all"

    @property
    def asks(self) -> list[tuple[str, str]]:
        return parse_qsl(self.query)

    def shows(self, login: str, query: str) -> bool:
        """Whether this is the page with that query; the order of the parameters decides nothing."""
        return self.login.lower() == login.lower() and sorted(parse_qsl(self.query)) == sorted(parse_qsl(query))


def views_of(user: Any) -> list[View]:
    """By name; one query, none for a reader who is not signed in."""
    if not user.is_authenticated:
        return []
    return [_view(row) for row in SavedView.objects.filter(user=user).order_by("name")]


def view_of(user: Any, view_id: int) -> View | None:
    row = SavedView.objects.filter(user=user, pk=view_id).first()
    return _view(row) if row else None


def first_view_of(user: Any) -> View | None:
    """The view that the reader wants to see first."""
    row = SavedView.objects.filter(user=user, is_default=True).first() if user.is_authenticated else None
    return _view(row) if row else None


@transaction.atomic
def save_view(user: Any, name: str, login: str, query: str, first: bool = False) -> View:
    """Raises ViewRefusedError with the sentence that says why."""
    name = _checked(user, name)
    if login and not re.fullmatch(LOGIN.regex, login):
        raise ViewRefusedError(f"“{login}” is no organization.")
    if len(query) > LONGEST_QUERY:
        raise ViewRefusedError("That is more than a view can hold: ask for fewer words or columns.")
    if SavedView.objects.filter(user=user).count() >= MOST_VIEWS:
        raise ViewRefusedError(f"There are {MOST_VIEWS} views already, the most that are kept: delete one first.")
    row = SavedView.objects.create(user=user, name=name, login=login, query=query)
    if first:
        open_first(user, row.pk)
    return _view(row)


@transaction.atomic
def rename_view(user: Any, view_id: int, name: str) -> None:
    SavedView.objects.filter(user=user, pk=view_id).update(name=_checked(user, name, view_id))


@transaction.atomic
def open_first(user: Any, view_id: int | None) -> None:
    """Show that view when the reader comes to the estate; None: show everything."""
    SavedView.objects.filter(user=user, is_default=True).update(is_default=False)
    if view_id is not None:
        SavedView.objects.filter(user=user, pk=view_id).update(is_default=True)


def delete_view(user: Any, view_id: int) -> None:
    SavedView.objects.filter(user=user, pk=view_id).delete()


def _checked(user: Any, name: str, view_id: int | None = None) -> str:
    name = " ".join(name.replace("\0", "").split())
    if not name:
        raise ViewRefusedError("Give the view a name, for example “Flagships that fail”.")
    if len(name) > LONGEST_NAME:
        raise ViewRefusedError(f"A name has at most {LONGEST_NAME} characters; this one has {len(name)}.")
    if SavedView.objects.filter(user=user, name__iexact=name).exclude(pk=view_id or 0).exists():
        raise ViewRefusedError(f"You have a view called “{name}” already: choose another name, or delete that one.")
    return name


def _view(row: SavedView) -> View:
    return View(row.pk, row.name, row.login, row.query, row.is_default)

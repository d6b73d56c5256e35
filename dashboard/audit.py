"""The record of who changed what: called by what people and commands use, never by a collection.

A row says each field's old and new value as text. Of a secret only that it was set, changed or removed.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Field, ManyToManyField, Model

from dashboard.models import Change

SECRETS = {"token_encrypted": "token", "password": "password"}
# What changes by itself, and says nothing of what somebody wanted.
LEFT_OUT = frozenset({"last_login", "last_run_at", "total_run_count", "date_changed", "date_joined"})
LONGEST_VALUE = 2_000

State = dict[str, str]
"""A row's values by what its fields are called; secrets by SECRETS' names, as they are stored."""


@dataclass(frozen=True, slots=True)
class Who:
    """A person, or with ``user`` None a command and the account that ran it."""

    name: str
    user: Any = None


def person(user: Any) -> Who:
    if isinstance(user, AnonymousUser) or user is None:
        return Who("somebody who was not signed in")
    return Who(user.get_username(), user)


def command(name: str) -> Who:
    """A manage.py command, run by an account of this machine."""
    try:
        account = getpass.getuser()
    except (KeyError, OSError):
        account = f"uid {os.getuid()}"
    return Who(f"{name}, run by {account}")


def state_of(row: Model) -> State:
    """What somebody can have meant to change: editable fields, lists of other things, secrets."""
    state: State = {}
    for field in row._meta.get_fields():
        if isinstance(field, ManyToManyField):
            named = sorted(str(other) for other in getattr(row, field.name).all()) if row.pk else []
            state[str(field.verbose_name)] = ", ".join(named)
        elif isinstance(field, Field) and field.name in SECRETS:
            state[SECRETS[field.name]] = str(getattr(row, field.name) or "")
        elif isinstance(field, Field) and field.editable and not field.primary_key and field.name not in LEFT_OUT:
            state[str(field.verbose_name)] = text_of(getattr(row, field.name))
    return state


def text_of(value: Any) -> str:
    """As a person would read it; nothing at all is ""."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(str(each) for each in value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds", sep=" ")
    return str(value)[:LONGEST_VALUE]


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[dict[str, str]]:
    """``Change.fields`` for what is not the same."""
    found = []
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name, ""), after.get(name, "")
        if old == new:
            continue
        if name in SECRETS.values():
            found.append({"field": name, "secret": "changed" if old and new else "set" if new else "removed"})
        else:
            found.append({"field": name, "old": old, "new": new})
    return found


def change_of(who: Who, row: Model, before: State | None, after: State | None) -> Change | None:
    """The row to store; None when nothing changed. ``before`` None: it was added; ``after`` None: removed."""
    fields = differences(before or {}, after or {})
    if before is None:
        action = Change.Action.ADDED
    elif after is None:
        action = Change.Action.REMOVED
    elif fields:
        action = Change.Action.CHANGED
    else:
        return None
    return Change(
        user=who.user,
        who=who.name[:200],
        action=action,
        kind=kind_of(row),
        object_id=str(row.pk or ""),
        name=str(row)[:400],
        fields=fields,
    )


def record(who: Who, row: Model, before: State | None, after: State | None) -> None:
    """Store what ``change_of`` says."""
    change = change_of(who, row, before, after)
    if change is not None:
        change.save()


def stored_state(row: Model) -> State | None:
    """As the database has it, whatever was set since; None when it is not stored yet."""
    stored = type(row)._base_manager.filter(pk=row.pk).first() if row.pk else None
    return None if stored is None else state_of(stored)


@contextmanager
def recorded(who: Who, row: Model) -> Iterator[None]:
    """Whatever is saved of the row within this block is recorded at its end."""
    before = stored_state(row)
    yield
    record(who, row, before, state_of(row))


def record_all(changes: Iterable[Change | None]) -> None:
    """Many at once; one query for each thousand."""
    Change.objects.bulk_create((change for change in changes if change is not None), batch_size=1_000)


def started(who: Who, name: str) -> None:
    """Somebody set work going."""
    Change.objects.create(
        user=who.user, who=who.name[:200], action=Change.Action.STARTED, kind="collection", name=name[:400]
    )


def kind_of(row: Model) -> str:
    return str(row._meta.verbose_name)[:60]

"""The base of all tables: a row that is read becomes an object at the price of its columns."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Self

from django.db import models


class Stored(models.Model):
    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **_: Any) -> Self:
        """The object without ``Model.__init__``, which walks over all fields of the table, read or not.

        It was a fifth of the estate's page. A field that was not read is missing in ``__dict__``, which is how
        Django tells a deferred one. Signals of models being made are not sent: nothing here listens.
        """
        row = cls.__new__(cls)
        row.__dict__.update(zip(field_names, values, strict=True))
        row._state = state = models.base.ModelState()
        state.adding, state.db = False, db
        return row

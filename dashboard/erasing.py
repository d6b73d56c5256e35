"""Removes repositories with all that was ever read of them.

Django would load each row to delete it, and millions of results do not fit; here each table takes one statement.
Foreign keys are checked when the transaction ends, so the order of tables does not matter. Day totals of the past
keep what they summed: they say how the estate stood on that day.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection, models, transaction

from dashboard.models import Repository


def erase_repositories(repository_ids: Collection[int]) -> None:
    """All or nothing. Dependencies of other repositories on these stay, as edges that lead nowhere."""
    ids = list(repository_ids)
    with transaction.atomic(), connection.cursor() as cursor:
        # Hidden ones too: most tables give their rows no name on the repository.
        for relation in Repository._meta.get_fields(include_hidden=True):
            if not isinstance(relation, models.ManyToOneRel) or not relation.related_model._meta.managed:
                continue
            table, column = relation.related_model._meta.db_table, relation.field.column
            if relation.on_delete is models.SET_NULL:
                cursor.execute(f'UPDATE "{table}" SET "{column}" = NULL WHERE "{column}" = ANY(%s)', [ids])  # noqa: S608
            else:
                cursor.execute(f'DELETE FROM "{table}" WHERE "{column}" = ANY(%s)', [ids])  # noqa: S608
        cursor.execute("DELETE FROM repository WHERE id = ANY(%s)", [ids])

"""Operations that hold nobody up. Its name begins with an underscore, so that it is no migration."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently


class AddIndexQuietly(AddIndexConcurrently):
    """Build an index while rows are read and written; run again after an interruption, it begins that index anew."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(
                "SELECT i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relname = %s",
                [self.index.name],
            )
            found = cursor.fetchone()
            if found == (True,):
                return
            if found is not None:
                cursor.execute(f'DROP INDEX CONCURRENTLY "{self.index.name}"')
        super().database_forwards(app_label, schema_editor, from_state, to_state)

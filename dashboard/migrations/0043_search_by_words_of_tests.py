"""Tests that were there before their names stood in ``test_words``, then the index of these; it replaces that of each name.

Some repositories at a time, each time a transaction that keeps nobody waiting. What is there is passed over, so that
after an interruption it goes on where it was.
"""

from importlib import import_module

import django.contrib.postgres.indexes
import django.contrib.postgres.operations
from django.db import migrations

from dashboard.migrations._operations import AddIndexQuietly

before = import_module("dashboard.migrations.0042_words_of_tests")
AT_ONCE = 100

FILL = f"""
INSERT INTO test_words (repository_id, case_ids, words)
SELECT repository_id, array_agg(id ORDER BY place), string_agg(words, E'\\n' ORDER BY place)
FROM (
    SELECT repository_id, id, {before.LINE} AS words,
        row_number() OVER (PARTITION BY repository_id ORDER BY {before.ORDER}) - 1 AS place
    FROM test_case
    WHERE repository_id = ANY(%(some)s)
      AND id NOT IN (SELECT unnest(case_ids) FROM test_words WHERE repository_id = ANY(%(some)s))
) AS line
GROUP BY repository_id, place / {before.MOST}
"""  # noqa: S608 - our own words


def fill(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id FROM repository ORDER BY id")
        ids = [pk for (pk,) in cursor.fetchall()]
        for at in range(0, len(ids), AT_ONCE):
            cursor.execute(FILL, {"some": ids[at : at + AT_ONCE]})


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("dashboard", "0042_words_of_tests")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        AddIndexQuietly(
            model_name="casewords",
            index=django.contrib.postgres.indexes.GinIndex(
                "repository",
                django.contrib.postgres.indexes.OpClass("words", name="gin_trgm_ops"),
                name="test_words_parts",
            ),
        ),
        django.contrib.postgres.operations.RemoveIndexConcurrently(model_name="case", name="case_words"),
    ]

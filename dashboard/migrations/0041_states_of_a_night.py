"""How a night's repositories fared is counted by an index, without those that a reader may not see.

Two indexes go that another one begins with; by hand, as in 0018, because Django's AlterField would lock both tables.
"""

import django.db.models.deletion
from django.db import migrations, models

from dashboard.migrations._operations import AddIndexQuietly

PLAIN = """
    SELECT c.relname, a.attname FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = 'repository_collection'::regclass AND i.indnatts = 1 AND NOT i.indisunique
        AND i.indpred IS NULL AND a.attname IN ('collection_id', 'repository_id')
"""


def drop(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(PLAIN)
        for name, _ in cursor.fetchall():
            cursor.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"')


def make(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for column in ("collection_id", "repository_id"):
            cursor.execute(
                f'CREATE INDEX CONCURRENTLY IF NOT EXISTS "repository_collection_{column}" '
                f'ON "repository_collection" ({column})'
            )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("dashboard", "0040_repositories_with_news")]

    operations = [
        AddIndexQuietly(
            model_name="repositorycollection",
            index=models.Index(fields=["collection", "state"], name="collections_by_state"),
        ),
        AddIndexQuietly(
            model_name="repository",
            index=models.Index("id", condition=models.Q(private=True), name="repository_private"),
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunPython(drop, make)],
            [
                migrations.AlterField(
                    model_name="repositorycollection",
                    name=name,
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name=related,
                        to=f"dashboard.{name}",
                    ),
                )
                for name, related in (("collection", "repositories"), ("repository", "collections"))
            ],
        ),
    ]

"""Indexes on ``repository`` that a unique index beginning with ``repository`` makes needless.

Dropped concurrently and by hand: Django's AlterField would also take the foreign key away and check it anew, with
both tables locked for as long as that takes.
"""

import django.db.models.deletion
from django.db import migrations, models

TABLES = {
    "artifact": ("artifact", "artifacts"),
    "case": ("test_case", "cases"),
    "commitsources": ("commit_sources", "+"),
    "coveragemanifest": ("coverage_manifest", "+"),
    "failuremessage": ("failure_message", "+"),
    "joblog": ("job_log", "+"),
    "linemap": ("line_map", "+"),
    "report": ("report", "+"),
    "repositoryday": ("repository_day", "days"),
    "roster": ("test_roster", "+"),
    "snapshot": ("snapshot", "snapshots"),
    "snapshotgroup": ("snapshot_group", "+"),
    "sourceanalysis": ("source_analysis", "+"),
    "sourcefile": ("source_file", "source_files"),
    "workflowrun": ("workflow_run", "runs"),
}

PLAIN = """
    SELECT c.relname FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = %s::regclass AND i.indnatts = 1 AND NOT i.indisunique AND a.attname = 'repository_id'
"""


def drop(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for table, _ in TABLES.values():
            cursor.execute(PLAIN, [table])
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"')


def make(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for table, _ in TABLES.values():
            cursor.execute(f'CREATE INDEX CONCURRENTLY IF NOT EXISTS "{table}_repository_id" ON "{table}" (repository_id)')


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("dashboard", "0017_days_due")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunPython(drop, make)],
            [
                migrations.AlterField(
                    model_name=model,
                    name="repository",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name=name,
                        to="dashboard.repository",
                    ),
                )
                for model, (_, name) in TABLES.items()
            ],
        )
    ]

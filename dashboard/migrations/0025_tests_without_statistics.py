"""The statistics leave the tests' rows: a change of the catalogue, quick whatever stands in the table.

A repository of which anything was told after copying began is told anew, from what is stored of it.
"""

from django.db import migrations

TOLD_MEANWHILE = """
    DELETE FROM test_case_group WHERE repository_id IN (
        SELECT coalesce(g.repository_id, b.repository_id)
        FROM test_case_group g FULL JOIN test_told_before b ON b.id = g.id
        WHERE b.told IS DISTINCT FROM g.told
    );
    DROP TABLE test_told_before;
"""


class Migration(migrations.Migration):

    dependencies = [("dashboard", "0024_copied_statistics")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.RemoveIndex(
            model_name='case',
            name='case_by_name',
        ),
        migrations.RemoveIndex(
            model_name='case',
            name='case_failing',
        ),
        migrations.RemoveIndex(
            model_name='case',
            name='case_skipped',
        ),
        migrations.RemoveIndex(
            model_name='case',
            name='case_flaky',
        ),
        migrations.RemoveIndex(
            model_name='case',
            name='case_slowest',
        ),
        migrations.RemoveIndex(
            model_name='case',
            name='case_newest',
        ),
        migrations.RemoveIndex(
            model_name='case',
            name='case_removed',
        ),
        migrations.RemoveField(
            model_name='case',
            name='duration_ms',
        ),
        migrations.RemoveField(
            model_name='case',
            name='first_seen_at',
        ),
        migrations.RemoveField(
            model_name='case',
            name='flaky',
        ),
        migrations.RemoveField(
            model_name='case',
            name='last_seen_at',
        ),
        migrations.RemoveField(
            model_name='case',
            name='outcome',
        ),
        migrations.RemoveField(
            model_name='case',
            name='since',
        ),
        migrations.RemoveField(
            model_name='case',
            name='since_at',
        ),
        migrations.RunSQL(TOLD_MEANWHILE, migrations.RunSQL.noop),
    ]

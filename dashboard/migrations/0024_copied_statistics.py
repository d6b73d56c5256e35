"""What is told of each test is copied, batch by batch, while tests are read and written.

What is told meanwhile is noticed by 0025: ``told_before`` says how far each group was told when copying began.
"""

import django.db.models.functions.text
from django.db import migrations, models

from dashboard.migrations._operations import AddIndexQuietly

BATCH = 50_000

TOLD = "CREATE TABLE IF NOT EXISTS test_told_before AS SELECT id, repository_id, told FROM test_case_group"

COPY = """
    INSERT INTO test_statistics (case_id, repository_id, since_id, since_at, first_seen_at, last_seen_at, duration_ms,
        outcome, flaky)
    SELECT id, repository_id, since_id, since_at, first_seen_at, last_seen_at, duration_ms, outcome, flaky
    FROM test_case
    WHERE id >= %(least)s AND id < %(end)s AND outcome IS NOT NULL AND since_id IS NOT NULL AND since_at IS NOT NULL
      AND first_seen_at IS NOT NULL
    ON CONFLICT DO NOTHING
"""


def copy(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(TOLD)
        cursor.execute("SELECT coalesce(min(id), 0), coalesce(max(id), 0) FROM test_case")
        least, last = cursor.fetchone()
        for at in range(least, last + 1, BATCH):
            cursor.execute(COPY, {"least": at, "end": at + BATCH})


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("dashboard", "0023_statistics_of_tests")]

    operations = [
        AddIndexQuietly(
            model_name='case',
            index=models.Index(models.F('repository'), django.db.models.functions.text.Left('classname', 100), django.db.models.functions.text.Left('name', 100), models.F('id'), name='case_in_order'),
        ),
        migrations.RunPython(copy, migrations.RunPython.noop),
    ]

"""The failing tests of a report become one row, and ``failure`` a view of such rows.

Reports are copied in batches while everything is read and written. What was stored meanwhile follows under a lock that
holds up who writes and not who reads; the exchange itself only changes the catalogue.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models, transaction

BATCH = 10_000

MAKE = """
CREATE SEQUENCE IF NOT EXISTS report_failures_id_seq AS bigint;
CREATE TABLE IF NOT EXISTS report_failures (
    id bigint NOT NULL DEFAULT nextval('report_failures_id_seq'),
    repository_id bigint NOT NULL,
    report_id bigint NOT NULL
        CONSTRAINT report_failures_report REFERENCES report ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    case_ids bigint[] NOT NULL,
    message_ids bigint[] NOT NULL,
    errors bigint[] NOT NULL
) PARTITION BY RANGE (report_id);
ALTER SEQUENCE report_failures_id_seq OWNED BY report_failures.id;
CREATE UNIQUE INDEX IF NOT EXISTS failures_of_a_report_are_one_row ON report_failures (report_id);
CREATE INDEX IF NOT EXISTS failures_of_case ON report_failures USING gin (case_ids);
"""

PARTITIONS = """
    SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'failure'::regclass
"""

NEXT = "SELECT max(report_id) FROM (SELECT report_id FROM failure WHERE report_id > %s ORDER BY 1 LIMIT %s) AS following"

COPY = """
    INSERT INTO report_failures (repository_id, report_id, case_ids, message_ids, errors)
    SELECT repository_id, report_id, array_agg(case_id ORDER BY case_id), array_agg(message_id ORDER BY case_id),
        coalesce(array_agg(case_id ORDER BY case_id) FILTER (WHERE outcome = 3), '{}')
    FROM failure WHERE report_id > %s AND report_id <= %s GROUP BY 1, 2
    ON CONFLICT DO NOTHING
"""

VIEW = """
CREATE VIEW failure AS
SELECT f.repository_id, f.report_id, n.case_id, n.message_id,
    CASE WHEN n.case_id = ANY (f.errors) THEN 3 ELSE 2 END::smallint AS outcome, f.case_ids
FROM report_failures f CROSS JOIN LATERAL unnest(f.case_ids, f.message_ids) AS n(case_id, message_id)
"""


def copied(cursor, after):
    """Copy the reports that come after one; the last that there is."""
    while True:
        cursor.execute(NEXT, [after, BATCH])
        last = cursor.fetchone()[0]
        if last is None:
            return after
        cursor.execute(COPY, [after, last])
        after = last


def exchange(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT relkind = 'v' FROM pg_class WHERE oid = 'failure'::regclass")
        if cursor.fetchone()[0]:
            return  # a migration that was interrupted goes on behind the exchange
        for statement in filter(str.strip, MAKE.split(";\n")):
            cursor.execute(statement)
        cursor.execute(PARTITIONS)
        for name, bounds in cursor.fetchall():
            partition = f"report_{name.replace('failure', 'failures', 1)}"
            cursor.execute(f"CREATE TABLE IF NOT EXISTS {partition} PARTITION OF report_failures {bounds}")
        last = copied(cursor, -1)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE failure IN SHARE ROW EXCLUSIVE MODE")
        copied(cursor, last)
        cursor.execute("DROP TABLE failure")
        cursor.execute(VIEW)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("dashboard", "0025_tests_without_statistics")]

    operations = [
        migrations.RunSQL("SET lock_timeout = '5s'"),
        migrations.SeparateDatabaseAndState(
            [migrations.RunPython(exchange)],
            [
                migrations.AlterModelOptions(name="failure", options={"managed": False}),
                migrations.CreateModel(
                    name="ReportFailures",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("case_ids", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                        ("message_ids", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                        (
                            "errors",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(), default=list, size=None
                            ),
                        ),
                        (
                            "report",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="dashboard.report"
                            ),
                        ),
                        (
                            "repository",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="dashboard.repository",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "report_failures",
                        "indexes": [
                            django.contrib.postgres.indexes.GinIndex(fields=["case_ids"], name="failures_of_case")
                        ],
                    },
                ),
            ],
        ),
        migrations.RunSQL("RESET lock_timeout"),
    ]

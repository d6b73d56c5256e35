"""Results and failures become partitioned tables; what is stored becomes their first partition, row for row in place.

Nothing is copied. What takes long (checking the range, building indexes) is done beforehand without holding anybody
up; the exchange then only changes the catalogue. docs/decisions/0005-partitions.md says why it is cut by id.
"""

from datetime import UTC, datetime

import django.db.models.deletion
from django.db import migrations, models, transaction

WIDTH = 2**32

EXCHANGE_RESULTS = """
LOCK TABLE report, snapshot_group, test_results IN ACCESS EXCLUSIVE MODE;
{drop_foreign_keys}
ALTER TABLE test_results ALTER COLUMN id DROP IDENTITY;
CREATE SEQUENCE test_results_id_seq AS bigint START WITH {next_id};
ALTER TABLE test_results RENAME TO test_results_{month};
ALTER INDEX test_results_pkey RENAME TO test_results_{month}_pkey;
CREATE TABLE test_results (
    id bigint NOT NULL DEFAULT nextval('test_results_id_seq') PRIMARY KEY,
    repository_id bigint NOT NULL
        CONSTRAINT test_results_repository REFERENCES repository DEFERRABLE INITIALLY DEFERRED,
    roster_id bigint NOT NULL CONSTRAINT test_results_roster REFERENCES test_roster DEFERRABLE INITIALLY DEFERRED,
    outcomes bytea NOT NULL,
    durations bytea NOT NULL
) PARTITION BY RANGE (id);
ALTER SEQUENCE test_results_id_seq OWNED BY test_results.id;
CREATE INDEX test_results_by_repository ON test_results (repository_id);
CREATE INDEX test_results_by_roster ON test_results (roster_id);
ALTER TABLE test_results ATTACH PARTITION test_results_{month} FOR VALUES FROM (MINVALUE) TO ({width});
ALTER TABLE test_results_{month} DROP CONSTRAINT results_are_in_range;
ALTER TABLE report ADD CONSTRAINT report_results
    FOREIGN KEY (results_id) REFERENCES test_results DEFERRABLE INITIALLY DEFERRED NOT VALID;
ALTER TABLE snapshot_group ADD CONSTRAINT snapshot_group_results
    FOREIGN KEY (results_id) REFERENCES test_results DEFERRABLE INITIALLY DEFERRED NOT VALID;
"""

EXCHANGE_FAILURES = """
LOCK TABLE failure IN ACCESS EXCLUSIVE MODE;
ALTER TABLE failure ALTER COLUMN id DROP IDENTITY;
CREATE SEQUENCE failure_id_seq AS bigint START WITH {next_id};
{drop_foreign_key}
DROP INDEX failure_of_a_leg_is_stored_once;
DROP INDEX failure_of_case;
ALTER TABLE failure DROP CONSTRAINT failure_pkey;
ALTER TABLE failure RENAME TO failure_{month};
CREATE TABLE failure (
    id bigint NOT NULL DEFAULT nextval('failure_id_seq'),
    repository_id bigint NOT NULL,
    report_id bigint NOT NULL CONSTRAINT failure_report REFERENCES report DEFERRABLE INITIALLY DEFERRED,
    case_id bigint NOT NULL CONSTRAINT failure_case REFERENCES test_case DEFERRABLE INITIALLY DEFERRED,
    message_id bigint NOT NULL CONSTRAINT failure_message REFERENCES failure_message DEFERRABLE INITIALLY DEFERRED,
    outcome smallint NOT NULL CONSTRAINT failure_is_failed_or_error CHECK (outcome IN (2, 3))
) PARTITION BY RANGE (report_id);
ALTER SEQUENCE failure_id_seq OWNED BY failure.id;
CREATE UNIQUE INDEX failure_of_a_leg_is_stored_once ON failure (report_id, case_id);
CREATE INDEX failure_of_case ON failure (case_id);
CREATE INDEX failure_by_message ON failure (message_id);
ALTER TABLE failure ATTACH PARTITION failure_{month} FOR VALUES FROM (MINVALUE) TO ({width});
ALTER TABLE failure_{month} DROP CONSTRAINT failures_are_in_range;
"""

FOREIGN_KEYS = """
    SELECT c.conrelid::regclass::text, c.conname FROM pg_constraint c
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'f' AND c.conrelid = %s::regclass AND a.attname = %s
"""

NEEDLESS = """
    SELECT c.relname FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = 'failure'::regclass AND i.indnatts = 1 AND NOT i.indisunique
      AND (a.attname IN ('repository_id', 'report_id') OR a.attname = 'case_id' AND c.relname <> %s)
"""

MADE_CASES = "failure_first_of_case"


def is_partitioned(cursor, table):
    cursor.execute("SELECT relkind = 'p' FROM pg_class WHERE oid = %s::regclass", [table])
    return cursor.fetchone()[0]


def dropped(cursor, table, column):
    cursor.execute(FOREIGN_KEYS, [table, column])
    return "".join(f'ALTER TABLE {name} DROP CONSTRAINT "{key}";\n' for name, key in cursor.fetchall())


def next_id(cursor, table):
    cursor.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {table}")
    return cursor.fetchone()[0]


def exchange(schema_editor, statements):
    """All or nothing, and none of these looks through a table."""
    with transaction.atomic(using=schema_editor.connection.alias), schema_editor.connection.cursor() as cursor:
        for statement in filter(str.strip, statements.split(";\n")):
            cursor.execute(statement)


def add_range(cursor, table, column, name):
    """Check beforehand, reading and writing going on, that all rows are in the first partition's range."""
    cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
    cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} < {WIDTH}) NOT VALID")
    cursor.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def partition_results(apps, schema_editor):
    month = f"{datetime.now(UTC):%Y_%m}"
    with schema_editor.connection.cursor() as cursor:
        if is_partitioned(cursor, "test_results"):
            return  # a migration that was interrupted goes on behind the exchange
        add_range(cursor, "test_results", "id", "results_are_in_range")
        keys = dropped(cursor, "report", "results_id") + dropped(cursor, "snapshot_group", "results_id")
        # Far enough that what is stored between this look and the lock does not matter.
        following = next_id(cursor, "test_results") + 100_000
    names = {"month": month, "width": WIDTH, "next_id": following}
    exchange(schema_editor, EXCHANGE_RESULTS.format(drop_foreign_keys=keys, **names))


def validate_results(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("ALTER TABLE report VALIDATE CONSTRAINT report_results")
        cursor.execute("ALTER TABLE snapshot_group VALIDATE CONSTRAINT snapshot_group_results")


def partition_failures(apps, schema_editor):
    month = f"{datetime.now(UTC):%Y_%m}"
    with schema_editor.connection.cursor() as cursor:
        if is_partitioned(cursor, "failure"):
            return
        add_range(cursor, "failure", "report_id", "failures_are_in_range")
        for name, kind, columns in (
            ("failure_first_of_a_leg", "UNIQUE INDEX", "report_id, case_id"),
            (MADE_CASES, "INDEX", "case_id"),
        ):
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            cursor.execute(f"CREATE {kind} CONCURRENTLY {name} ON failure ({columns})")
        cursor.execute(NEEDLESS, [MADE_CASES])
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP INDEX CONCURRENTLY "{name}"')
        key = dropped(cursor, "failure", "repository_id")
        following = next_id(cursor, "failure") + 100_000
    names = {"month": month, "width": WIDTH, "next_id": following}
    exchange(schema_editor, EXCHANGE_FAILURES.format(drop_foreign_key=key, **names))


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("dashboard", "0018_fewer_indexes")]

    operations = [
        migrations.RunSQL("SET lock_timeout = '5s'"),
        migrations.RunPython(partition_results),
        migrations.RunPython(validate_results),
        migrations.SeparateDatabaseAndState(
            [migrations.RunPython(partition_failures)],
            [
                migrations.RemoveConstraint(model_name="failure", name="failure_of_a_leg_is_stored_once"),
                migrations.RemoveIndex(model_name="failure", name="failure_of_case"),
                migrations.AlterField(
                    model_name="failure",
                    name="case",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="failures",
                        to="dashboard.case",
                    ),
                ),
                migrations.AlterField(
                    model_name="failure",
                    name="report",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="failures",
                        to="dashboard.report",
                    ),
                ),
                migrations.AlterField(
                    model_name="failure",
                    name="repository",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="dashboard.repository",
                    ),
                ),
                migrations.AddIndex(
                    model_name="failure", index=models.Index(models.F("case"), name="failure_of_case")
                ),
                migrations.AddConstraint(
                    model_name="failure",
                    constraint=models.UniqueConstraint(
                        models.F("report"), models.F("case"), name="failure_of_a_leg_is_stored_once"
                    ),
                ),
            ],
        ),
        migrations.RunSQL("RESET lock_timeout"),
    ]

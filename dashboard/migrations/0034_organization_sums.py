"""What the repositories of each organization add up to, kept by triggers in the transaction of each change.

The triggers are of statements: however many repositories one changes, each organization gets one row of differences.
"""

import django.db.models.deletion
from django.db import migrations, models

SUMS = {
    # The sum: what of a repository is added, and of which repositories.
    "repositories": ("1", "true"),
    "active": ("1", "active"),
    "failing": ("1", "active AND condition = 'failing'"),
    "ran_nothing": ("1", "active AND condition = 'ran-nothing'"),
    "silent": ("1", "active AND condition = 'silent'"),
    "passing": ("1", "active AND condition = 'passing'"),
    "no_evidence": ("1", "active AND condition = 'no-evidence'"),
    "tests_from_logs": ("tests_total", "active AND evidence = 'log'"),
    "reporting": ("1", "reports"),
    "with_tests": ("1", "reports AND tests_total IS NOT NULL"),
    "with_duration": ("1", "reports AND duration_ms IS NOT NULL"),
    "tests_total": ("tests_total", "reports"),
    "tests_passed": ("tests_passed", "reports"),
    "tests_failed": ("tests_failed", "reports"),
    "tests_errors": ("tests_errors", "reports"),
    "tests_skipped": ("tests_skipped", "reports"),
    "tests_executions": ("tests_executions", "reports"),
    "tests_flaky": ("tests_flaky", "reports"),
    "duration_ms": ("duration_ms", "reports"),
    "with_lines": ("1", "reports AND lines_valid > 0"),
    "lines_valid": ("lines_valid", "reports AND lines_valid > 0"),
    "lines_covered": ("lines_covered", "reports AND lines_valid > 0"),
}
READ = (
    "times, organization_id, private, tags, condition, evidence, duration_ms, lines_valid, lines_covered, tests_total, "
    "tests_passed, tests_failed, tests_errors, tests_skipped, tests_executions, tests_flaky"
)


def added(rows: str) -> str:
    """The statement that adds the repositories of ``rows`` to the sums, each ``times`` (minus one takes it away)."""
    sums = ", ".join(
        f"coalesce(sum(times * ({value})::bigint) FILTER (WHERE {of}), 0) AS {name}" for name, (value, of) in SUMS.items()
    )
    names = ", ".join(SUMS)
    return f"""
INSERT INTO organization_sums (organization_id, private, tag, {names})
SELECT * FROM (
    SELECT organization_id, private, tag, {sums}
    FROM (
        SELECT {READ}, NOT archived AS active, NOT archived AND evidence = 'report' AS reports
        FROM ({rows}) AS given
    ) AS repository, LATERAL (SELECT DISTINCT unnest(array_prepend(NULL, tags))) AS carried (tag)
    GROUP BY organization_id, private, tag
) AS told
WHERE ({names}) <> ({", ".join("0" for _ in SUMS)});
"""  # noqa: S608 - our own words


def trigger(event: str, tables: str, rows: str) -> str:
    name = f"organization_sums_on_{event.lower()}"
    return f"""
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {added(rows)} RETURN NULL; END $$;
CREATE TRIGGER {name} AFTER {event} ON repository REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""


BEFORE, AFTER = "OLD TABLE AS before", "NEW TABLE AS after"
GONE, COME = "SELECT *, -1 AS times FROM before", "SELECT *, 1 AS times FROM after"
TRIGGERS = (
    trigger("INSERT", AFTER, COME) + trigger("DELETE", BEFORE, GONE) + trigger("UPDATE", f"{BEFORE} {AFTER}", f"{GONE} UNION ALL {COME}")
)
NO_TRIGGERS = "".join(
    f"DROP TRIGGER organization_sums_on_{event} ON repository; DROP FUNCTION organization_sums_on_{event}();"
    for event in ("insert", "delete", "update")
)


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0033_languages")]

    operations = [
        migrations.CreateModel(
            name="OrganizationSums",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("private", models.BooleanField()),
                ("tag", models.TextField(null=True)),
                *((name, models.BigIntegerField()) for name in SUMS),
                (
                    "organization",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="dashboard.organization",
                    ),
                ),
            ],
            options={
                "db_table": "organization_sums",
                "indexes": [models.Index(models.F("tag"), models.F("organization"), name="organization_sums_by_tag")],
            },
        ),
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        # From here on nobody changes a repository until this is done: what is added up below is added up once.
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
        migrations.RunSQL(added("SELECT *, 1 AS times FROM repository"), migrations.RunSQL.noop),
    ]

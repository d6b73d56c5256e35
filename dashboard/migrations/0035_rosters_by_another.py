"""A set of tests may be told by another one, and says what its tests usually take.

New columns have constant defaults and the new foreign key is checked where nobody waits, so that no row is read under
a lock that readers wait for. Sets and results that are stored already stay as they are, and are read as before.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from dashboard.migrations._operations import AddIndexQuietly

KEY = """
ALTER TABLE test_roster ADD COLUMN IF NOT EXISTS base_id bigint;
ALTER TABLE test_roster DROP CONSTRAINT IF EXISTS test_roster_base;
ALTER TABLE test_roster ADD CONSTRAINT test_roster_base
    FOREIGN KEY (base_id) REFERENCES test_roster DEFERRABLE INITIALLY DEFERRED NOT VALID
"""

BACK = "ALTER TABLE test_roster DROP COLUMN base_id"


def columns():
    """An interrupted migration begins anew: what is there already is passed over."""
    for name, kind, default in (
        ("gone", "integer[]", "'{}'"),
        ("come", "integer[]", "'{}'"),
        ("durations", "bytea", r"'\x'"),
    ):
        yield migrations.RunSQL(
            f"ALTER TABLE test_roster ADD COLUMN IF NOT EXISTS {name} {kind} NOT NULL DEFAULT {default}",
            f"ALTER TABLE test_roster DROP COLUMN {name}",
        )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("dashboard", "0033_languages")]

    operations = [
        migrations.RunSQL("SET lock_timeout = '5s'"),
        migrations.SeparateDatabaseAndState(
            [
                *columns(),
                migrations.RunSQL(KEY, BACK),
                migrations.RunSQL("ALTER TABLE test_roster VALIDATE CONSTRAINT test_roster_base", migrations.RunSQL.noop),
            ],
            [
                migrations.RenameField("roster", "case_ids", "own_ids"),
                migrations.AlterField(
                    "roster",
                    "own_ids",
                    django.contrib.postgres.fields.ArrayField(models.BigIntegerField(), db_column="case_ids", size=None),
                ),
                migrations.AddField(
                    "roster",
                    "gone",
                    django.contrib.postgres.fields.ArrayField(models.IntegerField(), default=list, size=None),
                ),
                migrations.AddField(
                    "roster",
                    "come",
                    django.contrib.postgres.fields.ArrayField(models.IntegerField(), default=list, size=None),
                ),
                migrations.AddField(
                    "roster",
                    "own_durations",
                    models.BinaryField(
                        db_column="durations",
                        default=b"",
                        help_text="What the tests of own_ids took when the set was first met: codes of "
                        "dashboard.packing, squeezed; empty where that was not kept.",
                    ),
                ),
                migrations.AddField(
                    "roster",
                    "base",
                    models.ForeignKey(
                        db_index=False,
                        help_text="Never told by another.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="dashboard.roster",
                    ),
                ),
            ],
        ),
        AddIndexQuietly(
            model_name="roster",
            index=models.Index("base", condition=models.Q(base__isnull=False), name="roster_by_base"),
        ),
        migrations.RunSQL("RESET lock_timeout"),
    ]

"""What the tests of a repository are called, many in a row, so that search by any part of a name costs half the room.

A trigger of statements adds what is new, whoever adds it: a worker of the release before does not know this table.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.contrib.postgres.operations import BtreeGinExtension
from django.db import migrations, models

LINE = r"translate(lower(name || ' ' || classname || ' ' || suite), E'\n', ' ')"
ORDER = """"group" COLLATE "C", classname COLLATE "C", name COLLATE "C", id"""
MOST = 64
"""Lines of a row: of twice as many the room is a quarter less, and a search reads a half more that does not fit."""

# The newest row of a repository is filled up first. One that another worker fills at this moment is left to it: who
# waited for it while holding names that the other one waits for would wait for ever.
ADD = f"""
CREATE FUNCTION add_test_words() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
WITH line AS MATERIALIZED (
    SELECT repository_id, id, {LINE} AS words,
        row_number() OVER (PARTITION BY repository_id ORDER BY {ORDER}) AS place
    FROM added
), begun AS MATERIALIZED (
    SELECT newest.*, {MOST} - cardinality(newest.case_ids) AS room
    FROM (SELECT DISTINCT repository_id FROM line) AS repository CROSS JOIN LATERAL (
        SELECT * FROM test_words w WHERE w.repository_id = repository.repository_id
        ORDER BY w.id DESC LIMIT 1 FOR UPDATE SKIP LOCKED
    ) AS newest
), filled_up AS (
    UPDATE test_words w SET case_ids = w.case_ids || more.case_ids, words = w.words || E'\\n' || more.words
    FROM (
        SELECT begun.id, array_agg(line.id ORDER BY place) AS case_ids,
            string_agg(line.words, E'\\n' ORDER BY place) AS words
        FROM begun JOIN line USING (repository_id) WHERE place <= room GROUP BY begun.id
    ) AS more
    WHERE w.id = more.id
)
INSERT INTO test_words (repository_id, case_ids, words)
SELECT repository_id, array_agg(line.id ORDER BY place), string_agg(line.words, E'\\n' ORDER BY place)
FROM line LEFT JOIN begun USING (repository_id)
WHERE place > coalesce(room, 0)
GROUP BY repository_id, (place - coalesce(room, 0) - 1) / {MOST};
RETURN NULL; END $$;
CREATE TRIGGER add_test_words AFTER INSERT ON test_case REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION add_test_words();
"""  # noqa: S608 - our own words
ADD_NO_MORE = "DROP TRIGGER add_test_words ON test_case; DROP FUNCTION add_test_words();"


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0041_states_of_a_night")]

    operations = [
        # For the next one's index, which holds numbers beside parts of words.
        BtreeGinExtension(),
        migrations.RunSQL("SET LOCAL lock_timeout = '5s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="CaseWords",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("case_ids", django.contrib.postgres.fields.ArrayField(models.BigIntegerField(), size=None)),
                (
                    "words",
                    models.TextField(
                        help_text="A line for each of them, parallel: name, class and suite in small letters."
                    ),
                ),
                (
                    "repository",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="dashboard.repository",
                    ),
                ),
            ],
            options={
                "db_table": "test_words",
                "indexes": [models.Index("repository", "id", name="words_of_repository")],
            },
        ),
        migrations.RunSQL(ADD, ADD_NO_MORE),
    ]

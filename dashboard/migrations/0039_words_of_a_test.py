"""Search by any part of a name reads one text for each test; the new index is built while names are written."""

import django.contrib.postgres.indexes
import django.contrib.postgres.operations
from django.db import migrations, models

from dashboard.migrations._operations import AddIndexQuietly

WORDS = models.Func("name", "classname", "suite", template="(%(expressions)s)", arg_joiner=" || ' ' || ")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("dashboard", "0038_entries_of_a_manifest")]

    operations = [
        AddIndexQuietly(
            model_name="case",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(WORDS, name="gin_trgm_ops"), name="case_words"
            ),
        ),
        django.contrib.postgres.operations.RemoveIndexConcurrently(model_name="case", name="case_text"),
    ]

"""Repositories are found by any part of their name without reading all of them; built while they are written."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations

from dashboard.migrations._operations import AddIndexQuietly


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("dashboard", "0030_release_of_a_tag")]

    operations = [
        AddIndexQuietly(
            model_name="repository",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("full_name"), name="gin_trgm_ops"
                ),
                name="repository_by_part_of_name",
            ),
        ),
    ]

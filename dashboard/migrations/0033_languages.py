"""A word of the estate's search may be a language: then repositories are found by an index, as by their names."""

import django.db.models.functions.text
from django.db import migrations, models

from dashboard.migrations._operations import AddIndexQuietly


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("dashboard", "0032_organizations_in_order")]

    operations = [
        AddIndexQuietly(
            model_name="repository",
            index=models.Index(django.db.models.functions.text.Upper("language"), name="repository_by_language"),
        ),
    ]

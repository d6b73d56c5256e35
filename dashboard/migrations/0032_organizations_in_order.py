"""Organizations in the order of the estate's table, so that a page of it reads those that stand on it."""

from django.db import migrations, models

from dashboard.migrations._operations import AddIndexQuietly


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("dashboard", "0031_part_of_a_name")]

    operations = [
        AddIndexQuietly(
            model_name="organization",
            index=models.Index(fields=["layer", "login"], name="organization_in_order"),
        ),
    ]

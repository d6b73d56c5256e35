"""What failed in a night or was warned of is found without its other repositories."""

from django.db import migrations, models

from dashboard.migrations._operations import AddIndexQuietly


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("dashboard", "0028_nights_with_sums")]

    operations = [
        AddIndexQuietly(
            model_name="repositorycollection",
            index=models.Index(
                models.F("collection"),
                condition=models.Q(("state", "failed"), models.Q(("warnings", []), _negated=True), _connector="OR"),
                name="troubled_of_collection",
            ),
        ),
    ]

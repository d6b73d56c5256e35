"""A night that has ended carries how its repositories fared; the sweep counts those that ended before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0027_git_tag")]

    operations = [
        migrations.AddField(model_name="collection", name="fared", field=models.JSONField(null=True)),
        migrations.AddField(model_name="collection", name="parts", field=models.JSONField(null=True)),
    ]

"""A tag carries the title and the page of the release that was made of it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0029_troubled_of_collection")]

    operations = [
        migrations.AddField(
            model_name="tag",
            name="release",
            field=models.TextField(
                blank=True, db_default="", default="", help_text="The title of the release that was made of it."
            ),
        ),
        migrations.AddField(
            model_name="tag",
            name="release_url",
            field=models.TextField(blank=True, db_default="", default="", help_text="That release's page on GitHub."),
        ),
    ]

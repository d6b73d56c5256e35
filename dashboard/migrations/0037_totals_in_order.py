"""Repositories by name, and by what they weigh in a total: a page of them reads those that stand on it."""

from django.db import migrations, models

from dashboard.migrations._operations import AddIndexQuietly

ORDERS = {
    "repository_by_tests": models.F("tests_total"),
    "repository_by_failing_tests": models.F("tests_failed") + models.F("tests_errors"),
    "repository_by_lines": models.F("lines_valid"),
}


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("dashboard", "0036_repositories_in_order")]

    operations = [
        AddIndexQuietly(
            model_name="repository", index=models.Index(models.F("full_name"), name="repository_by_name")
        ),
        *(
            AddIndexQuietly(
                model_name="repository",
                index=models.Index(
                    models.OrderBy(figure, descending=True, nulls_last=True),
                    models.F("full_name"),
                    condition=models.Q(archived=False, evidence="report"),
                    name=name,
                ),
            )
            for name, figure in ORDERS.items()
        ),
    ]

"""What the estate's page asks of all repositories is read by indexes: the middle coverage, what a night touched."""

from django.db import migrations, models
from django.db.models.functions import Cast, Greatest, NullIf

from dashboard.migrations._operations import AddIndexQuietly

LINES = Cast("lines_covered", models.FloatField()), Cast("lines_valid", models.FloatField())


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("dashboard", "0034_organization_sums"), ("dashboard", "0035_rosters_by_another")]

    operations = [
        AddIndexQuietly(
            model_name="repository",
            index=models.Index(
                models.Value(100.0) * LINES[0] / NullIf(LINES[1], models.Value(0.0)),
                condition=models.Q(archived=False, evidence="report", lines_valid__gt=0),
                include=["private", "lines_valid", "lines_covered"],
                name="repository_by_coverage",
            ),
        ),
        AddIndexQuietly(
            model_name="repository",
            index=models.Index(
                Greatest("evidence_at", "failing_since", "silent_since", "created_at"),
                condition=models.Q(archived=False),
                name="repository_by_last_touch",
            ),
        ),
        AddIndexQuietly(
            model_name="repository",
            index=models.Index(
                models.F("evidence_at"), condition=models.Q(archived=False), name="repository_by_evidence"
            ),
        ),
    ]

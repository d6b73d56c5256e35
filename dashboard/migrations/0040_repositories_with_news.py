"""What a night changed is found among the repositories that gave news, not among all that made evidence."""

from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Greatest

from dashboard.migrations._operations import AddIndexQuietly

MOVED = (
    models.Q(tests_delta__lt=0)
    | models.Q(tests_delta__gt=0)
    | models.Q(failing_delta__lt=0)
    | models.Q(failing_delta__gt=0)
    | models.Q(percent_delta__lte=-0.5)
    | models.Q(percent_delta__gte=0.5)
)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("dashboard", "0039_words_of_a_test")]

    operations = [
        AddIndexQuietly(
            model_name="repository",
            index=models.Index(
                Greatest(
                    models.Case(models.When(MOVED, then=models.F("evidence_at"))),
                    "failing_since",
                    "silent_since",
                    "created_at",
                ),
                condition=models.Q(archived=False),
                name="repository_by_last_change",
            ),
        ),
        RemoveIndexConcurrently(model_name="repository", name="repository_by_last_touch"),
    ]

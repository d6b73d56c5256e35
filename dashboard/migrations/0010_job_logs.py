"""What the logs of jobs told."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0009_component")]

    operations = [
        migrations.AddField(
            model_name="workflowrun",
            name="logs_read_update",
            field=models.DateTimeField(help_text="Its last change when they were read.", null=True),
        ),
        migrations.CreateModel(
            name="JobLog",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("github_id", models.BigIntegerField()),
                ("name", models.CharField(max_length=400)),
                ("url", models.URLField(blank=True, default="", max_length=400)),
                (
                    "tools",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        default=list,
                        help_text="Whose summaries were counted.",
                        size=None,
                    ),
                ),
                ("tests_passed", models.IntegerField(null=True)),
                ("tests_failed", models.IntegerField(null=True)),
                ("tests_errors", models.IntegerField(null=True)),
                ("tests_skipped", models.IntegerField(null=True)),
                ("duration_ms", models.BigIntegerField(null=True)),
                ("lines_valid", models.BigIntegerField(null=True)),
                ("lines_covered", models.BigIntegerField(null=True)),
                (
                    "error",
                    models.TextField(
                        blank=True, default="", help_text="One sentence: why the log could not be read."
                    ),
                ),
                ("read_at", models.DateTimeField()),
                (
                    "repository",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="dashboard.repository"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="job_logs",
                        to="dashboard.workflowrun",
                    ),
                ),
            ],
            options={
                "db_table": "job_log",
                "constraints": [
                    models.UniqueConstraint("repository", "github_id", name="job_log_is_stored_once"),
                ],
            },
        ),
    ]

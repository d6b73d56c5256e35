"""The indexes of the lists of tests, built while tests are read and written."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models

from dashboard.migrations._operations import AddIndexQuietly


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("dashboard", "0019_partitions")]

    operations = [
        AddIndexQuietly(
            model_name='case',
            index=models.Index(models.F('repository'), django.db.models.functions.text.Left('classname', 100), django.db.models.functions.text.Left('name', 100), models.F('id'), condition=models.Q(('last_seen_at__isnull', True), ('outcome__isnull', False)), name='case_by_name'),
        ),
        AddIndexQuietly(
            model_name='case',
            index=models.Index(models.F('repository'), models.F('since_at'), condition=models.Q(('last_seen_at__isnull', True), ('outcome__isnull', False), ('outcome__gte', 2)), name='case_failing'),
        ),
        AddIndexQuietly(
            model_name='case',
            index=models.Index(models.F('repository'), models.F('since_at'), condition=models.Q(('last_seen_at__isnull', True), ('outcome__isnull', False), ('outcome', 0)), name='case_skipped'),
        ),
        AddIndexQuietly(
            model_name='case',
            index=models.Index(models.F('repository'), models.F('id'), condition=models.Q(('last_seen_at__isnull', True), ('outcome__isnull', False), ('flaky', True)), name='case_flaky'),
        ),
        AddIndexQuietly(
            model_name='case',
            index=models.Index(models.F('repository'), models.OrderBy(models.F('duration_ms'), descending=True, nulls_last=True), condition=models.Q(('last_seen_at__isnull', True), ('outcome__isnull', False)), name='case_slowest'),
        ),
        AddIndexQuietly(
            model_name='case',
            index=models.Index(models.F('repository'), models.OrderBy(models.F('first_seen_at'), descending=True), condition=models.Q(('last_seen_at__isnull', True), ('outcome__isnull', False)), name='case_newest'),
        ),
        AddIndexQuietly(
            model_name='case',
            index=models.Index(models.F('repository'), models.OrderBy(models.F('last_seen_at'), descending=True), condition=models.Q(('last_seen_at__isnull', False)), name='case_removed'),
        ),
        AddIndexQuietly(
            model_name='case',
            index=django.contrib.postgres.indexes.GinIndex(fields=['name', 'classname', 'suite'], name='case_text', opclasses=['gin_trgm_ops', 'gin_trgm_ops', 'gin_trgm_ops']),
        ),
    ]

"""How each test stands gets a table of its own; 0024 fills it, 0025 takes it off the tests' rows."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("dashboard", "0022_record_of_changes")]

    operations = [
        migrations.CreateModel(
            name='CaseStatistics',
            fields=[
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='statistics', serialize=False, to='dashboard.case')),
                ('since_at', models.DateTimeField(help_text="That commit's place in the trend.")),
                ('first_seen_at', models.DateTimeField(help_text='Its first commit in the order of the trend.')),
                ('last_seen_at', models.DateTimeField(help_text='The last commit that had it; null while it is there.', null=True)),
                ('duration_ms', models.BigIntegerField(help_text="What it takes, for sorting: within a half or 50 ms of the newest commit's.", null=True)),
                ('outcome', models.SmallIntegerField(help_text='0 skipped, 1 passed, 2 failed, 3 error.')),
                ('flaky', models.BooleanField(default=False, help_text='On the newest commit that has it.')),
            ],
            options={
                'db_table': 'test_statistics',
            },
        ),
        migrations.AddField(
            model_name='casegroup',
            name='durations',
            field=models.BinaryField(default=b'', help_text="The stored durations as codes of dashboard.packing, in the roster's order."),
        ),
        migrations.AddField(
            model_name='casegroup',
            name='roster',
            field=models.ForeignKey(db_constraint=False, db_index=False, help_text="Which tests those are: the newest commit's.", null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='dashboard.roster'),
        ),
        migrations.AddField(
            model_name='casestatistics',
            name='repository',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='dashboard.repository'),
        ),
        migrations.AddField(
            model_name='casestatistics',
            name='since',
            field=models.ForeignKey(db_constraint=False, db_index=False, help_text='The commit on which it began to pass, to fail or to be skipped as it does now.', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='dashboard.snapshot'),
        ),
        migrations.AddIndex(
            model_name='casestatistics',
            index=models.Index(models.F('repository'), models.F('since_at'), condition=models.Q(('last_seen_at__isnull', True), ('outcome__gte', 2)), name='test_failing'),
        ),
        migrations.AddIndex(
            model_name='casestatistics',
            index=models.Index(models.F('repository'), models.F('since_at'), condition=models.Q(('last_seen_at__isnull', True), ('outcome', 0)), name='test_skipped'),
        ),
        migrations.AddIndex(
            model_name='casestatistics',
            index=models.Index(models.F('repository'), models.F('case'), condition=models.Q(('last_seen_at__isnull', True), ('flaky', True)), name='test_flaky'),
        ),
        migrations.AddIndex(
            model_name='casestatistics',
            index=models.Index(models.F('repository'), models.OrderBy(models.F('duration_ms'), descending=True, nulls_last=True), condition=models.Q(('last_seen_at__isnull', True)), name='test_slowest'),
        ),
        migrations.AddIndex(
            model_name='casestatistics',
            index=models.Index(models.F('repository'), models.OrderBy(models.F('first_seen_at'), descending=True), condition=models.Q(('last_seen_at__isnull', True)), name='test_newest'),
        ),
        migrations.AddIndex(
            model_name='casestatistics',
            index=models.Index(models.F('repository'), models.OrderBy(models.F('last_seen_at'), descending=True), condition=models.Q(('last_seen_at__isnull', False)), name='test_removed'),
        ),
    ]

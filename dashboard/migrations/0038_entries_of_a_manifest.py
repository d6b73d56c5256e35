"""The files of a coverage manifest as rows, of which the planner expects thousands.

Volatile: what is not would be put in place of its call, and the number of its rows be forgotten.
"""

from django.db import migrations

MAKE = """
CREATE OR REPLACE FUNCTION manifest_entries(file_ids bigint[], line_map_ids bigint[])
RETURNS TABLE (file_id bigint, line_map_id bigint) LANGUAGE sql VOLATILE PARALLEL SAFE ROWS 3000
AS 'SELECT * FROM unnest(file_ids, line_map_ids)'
"""


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0037_totals_in_order")]

    operations = [migrations.RunSQL(MAKE, "DROP FUNCTION manifest_entries")]

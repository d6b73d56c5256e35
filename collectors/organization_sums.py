"""The sums of organizations are many small rows while repositories change; here they become few again."""

from __future__ import annotations

from django.db import connection

from dashboard.models.organization_sums import SUM_NAMES

ADD_UP = """
WITH scattered AS (
    SELECT organization_id FROM organization_sums GROUP BY organization_id, private, tag HAVING count(*) > 1
), taken AS (
    DELETE FROM organization_sums WHERE organization_id IN (SELECT organization_id FROM scattered) RETURNING *
)
INSERT INTO organization_sums (organization_id, private, tag, {names})
SELECT organization_id, private, tag, {sums} FROM taken
GROUP BY organization_id, private, tag
HAVING sum(repositories) <> 0
""".format(names=", ".join(SUM_NAMES), sums=", ".join(f"sum({name})" for name in SUM_NAMES))  # noqa: S608


def add_up() -> None:
    """One row for each organization, audience and tag of those that have more; the sums stay what they are.

    Readers see the rows before or the row after, since it is one statement; what workers write meanwhile stays
    beside it for the next time. The caller holds a transaction that nobody else adds up in.
    """
    with connection.cursor() as cursor:
        cursor.execute(ADD_UP)

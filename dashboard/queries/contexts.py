"""Which tests reach a line: as the contexts of coverage.py's data tell it, of the newest commit that has any."""

from __future__ import annotations

from dashboard.models import LineContexts
from dashboard.packing import unpack_contexts, unpack_names
from dashboard.queries.standing import standing_reports


def contexts_by_line(repository_id: int, sha: str, path: str) -> dict[int, tuple[str, ...]]:
    """Line → names of the tests that ran it, sorted; empty where the commit's reports do not tell."""
    told = list(LineContexts.objects.filter(repository_id=repository_id, file__path=path).select_related("names"))
    if not told:
        return {}
    standing = {report.pk for report in standing_reports(repository_id, sha)}
    reached: dict[int, set[str]] = {}
    for row in told:
        if row.names.report_id not in standing:
            continue
        names = unpack_names(row.names.packed)
        for place, lines in unpack_contexts(row.packed).items():
            for line in lines:
                reached.setdefault(line, set()).add(names[place])
    return {line: tuple(sorted(tests)) for line, tests in sorted(reached.items())}

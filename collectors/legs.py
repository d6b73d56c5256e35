"""What a leg is called: workflow file, artifact, member (contract rule 2), so that the same leg is known again.

Tools put process ids, host names and dates into the names of files (``.coverage.fv-az1-2.1873.XqYzabcd``); such
parts are masked, or no leg would ever come back.
"""

from __future__ import annotations

import re

ONE_LEG_FROM = 12
"""An artifact of so many reports is one leg: its members are test classes, which come and go with the code."""

_DATA_FILE = re.compile(r"(?:^|/)\.?coverage[^/]*\.[^/]*\.(?:\d+\.)?X\w{6,}$")
_PARTS = re.compile(r"\d{4}-?\d\d-?\d\d(?:[T_-]?\d\d[:-]?\d\d(?:[:-]?\d\d)?)?|[0-9a-f]{12,}|\d{4,}", re.I)


def leg_name(workflow_path: str, artifact: str, member: str, members: int) -> str:
    """A leg in words that a reader finds on GitHub, the same for the same leg of another commit.

    ``members``: reports in the artifact. A single one needs no name beside the artifact's.
    """
    workflow = workflow_path.rpartition("/")[2] or "workflow"
    name = f"{artifact} ({workflow})"
    if members == 1 or members >= ONE_LEG_FROM or not member or _DATA_FILE.search(member):
        return name
    return f"{_PARTS.sub('…', member)} in {name}"

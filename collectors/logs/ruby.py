"""RSpec's last line: ``20 examples, 6 failures, 4 pending``; an error outside of the examples is an error."""

from __future__ import annotations

import re
from collections.abc import Sequence

from collectors.logs.counts import Counts

_EXAMPLES = re.compile(
    r"(\d{1,9}) examples?, (\d{1,9}) failures?(?:, (\d{1,9}) pendings?)?"
    r"(?:, (\d{1,9}) errors? occurred outside of examples)?"
)


def rspec(lines: Sequence[str]) -> Counts | None:
    for line in reversed(lines):
        if " example" in line and (match := _EXAMPLES.fullmatch(line)):
            total, failed, pending, outside = (int(number or 0) for number in match.groups())
            return Counts.of(total + outside, failed=failed, errors=outside, skipped=pending)
    return None

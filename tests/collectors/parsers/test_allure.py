"""What Allure's results mean, beyond what the samples hold."""

from __future__ import annotations

import json

from collectors.parsers.allure import parse, sniff
from collectors.parsers.results import Outcome
from collectors.parsers.text import HEAD_BYTES


def test_a_failure_with_a_long_trace_is_known_although_its_name_is_hidden_behind_it() -> None:
    told = {"message": "m", "trace": "x" * 70_000}
    result = {"name": "t", "status": "failed", "statusDetails": told, "uuid": "u", "historyId": "h", "labels": []}
    data = json.dumps(result).encode()
    assert sniff(data[:HEAD_BYTES])
    assert [(case.name, case.outcome) for case in parse(data).cases] == [("t", Outcome.FAILED)]
    container = json.dumps({"children": ["u"]} | result).encode()
    assert not sniff(container[:HEAD_BYTES])

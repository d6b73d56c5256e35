"""xUnit.net's XML: ``assemblies`` (schema 1 to 3), and the single ``assembly`` of xUnit.net 1.

Written by: the console and MSBuild runners of xUnit.net 1, 2 and 3, ``dotnet test --logger xunit``
    (XunitXml.TestLogger), Microsoft.Testing.Platform (``--report-xunit``), mocha-xunit-reporter 2.3.
Specified in: https://xunit.net/docs/format-xml-v2 and https://xunit.net/docs/format-xml-v1
Read: every ``test`` with its message, stack trace and duration; the assembly as its suite.
Dropped: traits, output, warnings, collections.
Meaning: Pass is passed, Fail is failed, Skip and NotRun are skipped; xUnit.net tells no error from a failure.
    ``error`` elements and failures of a class belong to no test: a warning names them. Durations are seconds.
Differences:
* mocha-xunit-reporter: skipped tests are not in the file; a hook that failed is a test of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lxml import etree

from collectors.parsers import safe_xml, xml_cases
from collectors.parsers.cases import Cases, disagreement
from collectors.parsers.results import Format, Outcome, TestReport
from collectors.parsers.text import bounded_name, seconds
from collectors.parsers.xml_runs import ANY, ANY_TEXT, TEXT, VALUE, Run, S

_OUTCOMES = {"pass": Outcome.PASSED, "fail": Outcome.FAILED, "skip": Outcome.SKIPPED, "notrun": Outcome.SKIPPED}

_READ = ("name", "type", "method", "time", "result", "source-file")
_TEST = re.compile(
    rf"<test(?: id={ANY})? name={VALUE} type={VALUE} method={VALUE} time={VALUE}(?: time-rtf={ANY})? result={VALUE}"
    rf"(?: source-file={VALUE})?(?: source-line={ANY})?{S}(?:/>|>{S}"
    rf"(?:<traits>{S}(?:<trait name={ANY} value={ANY}{S}/>{S})*</traits>{S}|<traits{S}/>{S})?"
    rf"(?:<output>{ANY_TEXT}</output>{S})?(?:<failure(?: exception-type={ANY})?>{S}<message>{TEXT}</message>{S}"
    rf"(?:<stack-trace>{TEXT}</stack-trace>{S})?</failure>{S})?(?:<reason>{TEXT}</reason>{S})?</test>){S}"
)


def sniff(head: bytes) -> bool:
    """Whether this is a result file of xUnit.net (manifests and project files have such roots too)."""
    name, attributes, rest = safe_xml.root(head)
    if name == "assemblies":
        if b"<assembly" in rest:
            return b" total=" in rest or b" test-framework=" in rest
        return b"timestamp=" in attributes or b"schema-version=" in attributes
    return name == "assembly" and b" total=" in attributes and b" failed=" in attributes


def parse(data: bytes) -> TestReport:
    """Read all tests. Raises ReportError."""
    warnings: list[str] = []
    cases, roots = xml_cases.streamed(data, ("test",), _cases, warnings, ("assemblies", "assembly"), _TEST)
    report = cases.report(warnings)
    assemblies = [found for root in roots for found in root.iter("{*}assembly")]
    own = {name: xml_cases.total(assemblies, name) for name in ("total", "passed", "failed")} if assemblies else {}
    if warning := disagreement(own, report.counts()):
        warnings.append(warning)
    alone = [
        element.get("name") or element.get("type") or ""
        for assembly in assemblies
        for element in assembly.iter("{*}error", "{*}class")
        if xml_cases.child(element, "failure") is not None
    ]
    if alone:
        warnings.append(xml_cases.stand_alone(len(alone), alone[0]))
    return report


def _cases(elements: Iterable[etree._Element | Run]) -> Cases:
    cases = Cases()
    assemblies: dict[etree._Element | None, str] = {None: ""}
    for element in elements:
        if isinstance(element, Run):
            suite = xml_cases.inherited(assemblies, element.parent, _assembly)
            for *told, failure, trace, reason in element.rows:
                _add(cases, suite, told, (failure or reason).strip(), trace.strip())
            continue
        suite = xml_cases.inherited(assemblies, element.getparent(), _assembly)
        _add(cases, suite, [element.get(name) or "" for name in _READ], *_words(element))
    return cases


def _add(cases: Cases, suite: str, told: Sequence[str], message: str, details: str) -> None:
    """Add a test out of its assembly, what ``_READ`` names, and its words."""
    name, classname, method, took, result, file = told
    cases.add(
        suite=suite,
        classname=classname,
        name=name or method,
        outcome=_OUTCOMES.get(result.lower(), Outcome.ERROR),
        duration=seconds(took),
        message=message,
        details=details or message,
        file=file,
    )


def _words(element: etree._Element) -> tuple[str, str]:
    """Message and details out of a failure, or out of the reason why a test was skipped."""
    message = details = ""
    for part in element:
        tag = xml_cases.local(part)
        if tag == "failure":
            message = xml_cases.text(part, "message")
            details = xml_cases.text(part, "stack-trace")
        elif tag == "reason":  # xUnit.net 1 puts the words one element deeper
            message = message or xml_cases.text(part) or xml_cases.text(part, "message")
    return message, details


def _assembly(above: str, element: etree._Element) -> str:
    """The file name of the nearest assembly."""
    if xml_cases.local(element) != "assembly":
        return above
    return bounded_name((element.get("name") or "").replace("\\", "/").rpartition("/")[2])


XUNIT = Format("xunit", "tests", sniff, parse)

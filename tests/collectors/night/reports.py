"""Small reports in pytest's and coverage.py's shape, to state a rule with; real ones are in tests/samples."""

from __future__ import annotations

from lxml import etree

from collectors.lookalike.things import zip_of


def junit(suite: str = "pytest", **cases: str) -> bytes:
    """A JUnit file; each keyword is a test of class ``Cart``, its value P, F, E or S (several: repeats)."""
    root = etree.Element("testsuites")
    element = etree.SubElement(root, "testsuite", name=suite)
    for name, letters in cases.items():
        for letter in letters:
            case = etree.SubElement(element, "testcase", classname="Cart", name=name, time="0.25")
            tag = {"F": "failure", "E": "error", "S": "skipped"}.get(letter)
            if tag:
                etree.SubElement(case, tag, message=f"{name} expected 3, got 4").text = "Traceback: cart.py:7"
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8"))


def cobertura(**files: dict[int, int]) -> bytes:
    """A coverage.py XML file; each keyword is a module, its value line → hits."""
    root = etree.Element("coverage", {"line-rate": "0", "version": "7.17.3"})
    etree.SubElement(etree.SubElement(root, "sources"), "source").text = "/home/runner/work/shop/shop"
    classes = etree.SubElement(etree.SubElement(etree.SubElement(root, "packages"), "package", name="."), "classes")
    for module, hits in files.items():
        path = f"shop/{module}.py"
        lines = etree.SubElement(etree.SubElement(classes, "class", name=f"{module}.py", filename=path), "lines")
        for number, count in hits.items():
            etree.SubElement(lines, "line", number=str(number), hits=str(count))
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8"))


def junit_zip(**cases: str) -> bytes:
    return zip_of({"junit.xml": junit(**cases)})


def cobertura_zip(**files: dict[int, int]) -> bytes:
    return zip_of({"coverage.xml": cobertura(**files)})

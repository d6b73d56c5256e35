"""What xUnit.net's XML means, beyond what the samples hold."""

from __future__ import annotations

import pytest

from collectors.parsers.xunit import parse, sniff

from .known import FOLDER


@pytest.mark.parametrize(
    ("file", "first"), [("xunit-v3.xml", "Acme.Calc.Tests.CalcTest"), ("xunit-v1.xml", "Acme.Calc.Closing")]
)
def test_failures_of_a_class_are_told_in_a_warning(file: str, first: str) -> None:
    (warning,) = parse((FOLDER / "xunit" / file).read_bytes()).warnings
    assert f"in “{first}”" in warning


@pytest.mark.parametrize(
    "other",
    [
        b'<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0"><assemblyIdentity/></assembly>',
        b"<assembly><id>bin</id><formats><format>zip</format></formats></assembly>",
        b'<assemblies><assembly filename="a.dll"/></assemblies>',
        b"<doc><assembly><name>A</name></assembly></doc>",
    ],
)
def test_manifests_and_project_files_are_no_results(other: bytes) -> None:
    assert not sniff(other)


def test_a_run_of_no_assembly_is_an_empty_report() -> None:
    empty = b'<?xml version="1.0"?><assemblies timestamp="01/02/2026 03:04:05" />'
    assert sniff(empty)
    assert parse(empty).counts().total == 0

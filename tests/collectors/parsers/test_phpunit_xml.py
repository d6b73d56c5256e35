"""PHPUnit's coverage XML and what looks like it."""

from __future__ import annotations

import pytest

from collectors.parsers.phpunit_xml import parse, sniff
from collectors.parsers.results import ReportError

FILE = (
    '<phpunit xmlns="https://schema.phpunit.de/coverage/1.0"><file name="A.php" path="{path}"><totals>'
    '<lines total="9" executable="{valid}" executed="{covered}"/></totals>{rest}</file></phpunit>'
)


def test_phpunit_s_configuration_is_no_report() -> None:
    assert not sniff(
        b'<phpunit xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        b'xsi:noNamespaceSchemaLocation="https://schema.phpunit.de/9.6/phpunit.xsd"><coverage/></phpunit>'
    )


@pytest.mark.parametrize(("folder", "path"), [("/", "A.php"), ("/Util", "Util/A.php"), ("Util/", "Util/A.php")])
def test_the_path_is_folder_and_name(folder: str, path: str) -> None:
    assert parse(FILE.format(path=folder, valid=0, covered=0, rest="").encode()).files[0].path == path


def test_lines_of_the_source_are_no_coverage() -> None:
    rest = '<coverage><line nr="3"><covered by="T"/></line></coverage><source><line no="4"/></source>'
    ran, missed = parse(FILE.format(path="/", valid=3, covered=1, rest=rest).encode()).files
    assert (ran.lines, missed.placeholder, len(missed.lines)) == ({3: 1}, True, 2)


def test_more_lines_listed_than_counted_is_a_warning() -> None:
    rest = '<coverage><line nr="3"/><line nr="4"/></coverage>'
    report = parse(FILE.format(path="/", valid=1, covered=1, rest=rest).encode())
    assert report.counts().lines_covered == 2
    assert any("1 of 1" in warning for warning in report.warnings)


def test_totals_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ReportError, match="add up"):
        parse(FILE.format(path="/", valid=1, covered=2, rest="").encode())

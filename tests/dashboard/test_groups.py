"""The report group is what is left of an artifact's name when the machine is taken out of it."""

from __future__ import annotations

import pytest

from dashboard.groups import group_of


def test_a_repositorys_own_say_comes_first() -> None:
    chosen = ["unit-* = Unit", "tests-win = unit"]
    assert group_of("unit-py312", chosen) == group_of("Tests-Win", chosen) == "unit"
    assert group_of("e2e-py312", chosen) == "e2e"


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("test-results", "test-results"),
        ("test-results-ubuntu-latest-py312", "test-results"),
        ("test-results-3.12", "test-results"),
        ("Test results for OS Linux python 3.13", "test-results-for-os-python"),
        ("junit-xml-jdk17", "junit-xml"),
        ("unit (3.12, windows-latest, x64)", "unit"),
        ("coverage-node20", "coverage"),
        ("e2e-chromium-shard-2", "e2e"),
        ("e2e-shard 1 of 3", "e2e"),
        ("e2e_shard3", "e2e"),
        ("group-4", "default"),
        ("group-theory", "group-theory"),
        ("partial-results", "partial-results"),
        ("3.11", "default"),
        ("macos-14-arm64", "default"),
        ("test-results-packages-core", "test-results-packages-core"),
        ("wheel-x86_64", "wheel"),
        ("python-3.x-results", "python-results"),
    ],
)
def test_the_machine_and_its_versions_leave_the_name(name: str, group: str) -> None:
    assert group_of(name) == group

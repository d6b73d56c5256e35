"""pytest's node ids as classes and names, the way its JUnit XML writes them: one test is one test in both."""

from __future__ import annotations


def split(nodeid: str) -> tuple[str, str, str]:
    """Class, name and file of ``tests/test_a.py::TestB::test_c[d::e]``."""
    address, bracket, parameters = nodeid.partition("[")
    file, *names = address.split("::")
    module = file.removesuffix(".py").replace("/", ".")
    if not names:
        return "", module + bracket + parameters, file
    return ".".join([module, *names[:-1]]), names[-1] + bracket + parameters, file

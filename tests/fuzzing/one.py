"""One format under atheris: every input goes past its sniffer and through its parser."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["collectors"]):
    from collectors.parsers import FORMATS

from tests.collectors.parsers.test_robustness import answered


def main() -> None:
    (known,) = (each for each in FORMATS if each.name == sys.argv[1])

    def one_input(data: bytes) -> None:
        known.sniff(data)
        answered(known, data)

    atheris.Setup([sys.argv[0], *sys.argv[2:]], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

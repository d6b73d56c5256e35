"""Serve an estate until told to end: ``python -m collectors.lookalike --port 8010 --blob-port 8011``.

Prints ``ready`` on a line of its own once both ports answer. Ends on SIGTERM and Ctrl-C with status 0. A port that
is taken, or an estate that cannot be built, is one sentence and status 2.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from .estate import FakeEstate
from .server import LookAlike

# What several organizations' apps have together: the demo's first night asks for sixty nights at once.
DEMO_REQUESTS_AN_HOUR = 100_000


def build_estate(name: str, state: Path) -> FakeEstate:
    """The estate of that name: ``demo``, or ``empty``."""
    if name == "empty":
        return FakeEstate()
    state.mkdir(parents=True, exist_ok=True)
    # By name: an estate's data is loaded only when it is asked for.
    built: FakeEstate = import_module(f"collectors.lookalike.{name}").build(state, datetime.now(UTC).date())
    return built


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m collectors.lookalike", description=__doc__)
    parser.add_argument("--port", type=int, default=8010, help="of the API (0: any free one)")
    parser.add_argument("--blob-port", type=int, default=8011, help="of the artifacts' bytes (0: any free one)")
    parser.add_argument("--estate", choices=["demo", "empty"], default="demo")
    parser.add_argument(
        "--state", type=Path, default=Path("var/demo"), help="folder that the estate may keep things in"
    )
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    options = parse_arguments(arguments)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    try:
        estate = build_estate(options.estate, options.state)
        server = LookAlike(estate, port=options.port, blob_port=options.blob_port, rate_limit=DEMO_REQUESTS_AN_HOUR)
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    with server:
        print(f"api {server.api_url}\nblobs {server.blob_url}\nready", flush=True)
        ended.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())

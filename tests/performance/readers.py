"""Readers who open one page after the other: a program of its own, which takes no time from what it watches.

    python -m tests.performance.readers http://127.0.0.1:8000 /address /another …

Settings are the environment's: READERS, READ_SECONDS, and THINK_SECONDS between two pages of one reader. What came
of it is printed as JSON: milliseconds of each answer, and what was no answer or a bad one.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import sys
import time
from threading import Thread
from urllib.parse import urlsplit

READERS = int(os.environ.get("READERS", "50"))
SECONDS = float(os.environ.get("READ_SECONDS", "10"))
THINKING = float(os.environ.get("THINK_SECONDS", "5"))


def read(site: str, addresses: list[str], number: int, took: list[float], errors: list[str]) -> None:
    """One reader until the time is over; pages in an order of their own, one connection for each."""
    dice = random.Random(number)
    until = time.monotonic() + SECONDS
    time.sleep(dice.random() * min(THINKING, SECONDS / 2))
    while time.monotonic() < until:
        address = dice.choice(addresses)
        began = time.monotonic()
        try:
            connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=60)
            connection.request("GET", address, headers={"Accept-Encoding": "gzip"})
            answer = connection.getresponse()
            answer.read()
            connection.close()
        except OSError as error:
            errors.append(f"{address}: {error!r}")
        else:
            took.append(1000 * (time.monotonic() - began))
            if answer.status != 200:
                errors.append(f"{address}: {answer.status}")
        time.sleep(THINKING * (0.5 + dice.random()))


def main(site: str, *addresses: str) -> None:
    took: list[float] = []
    errors: list[str] = []
    readers = [Thread(target=read, args=(site, list(addresses), number, took, errors)) for number in range(READERS)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    print(json.dumps({"ms": took, "errors": errors}))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The one exception of the runtime: a start that cannot go on."""

from __future__ import annotations


class StartError(Exception):
    """One sentence for the reader: what happened, and how to mend it. Printed alone, without a traceback."""

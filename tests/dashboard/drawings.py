"""What a page gives plotly to draw."""

from __future__ import annotations

import json
import re
from typing import Any


def figure_in(page: str) -> dict[str, Any]:
    """The first figure of a page's HTML, as ``{"data", "layout"}``."""
    return json.loads(re.search(r'<script type="application/json">(.*?)</script>', page)[1])  # type: ignore[index]

"""The estate file (contract section 3): organizations, repositories, layers, tags, dependencies and rules.

text ── document.py: YAML or JSON nodes that know their line
     ── estate_file.py: checked entries, or every problem with its line and key
     ── apply.py: rows created and updated, none deleted, in one transaction
"""

from __future__ import annotations

from dashboard.loading.apply import Changes, apply_estate_file
from dashboard.loading.document import EstateFileError, Problem
from dashboard.loading.estate_file import EstateFile, read_estate_file

__all__ = ["Changes", "EstateFile", "EstateFileError", "Problem", "apply_estate_file", "read_estate_file"]

#!/usr/bin/env python
"""Clerestory's commands. Those that need a database or a broker find, or start, the embedded ones first."""

from __future__ import annotations

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line

        from dashboard.runtime.environment import prepare
        from dashboard.runtime.trouble import StartError
    except ImportError as error:
        sys.exit(f"{error}: use .venv/bin/python manage.py (./run makes .venv).")
    try:
        prepare(sys.argv)
        execute_from_command_line(sys.argv)
    except (StartError, ImproperlyConfigured) as trouble:
        print(trouble, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()

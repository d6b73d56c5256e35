"""The product's settings, on servers that this test run starts for itself.

pytest-django reads the settings before any conftest.py, so the servers must be up by then. DATABASE_URL or
REDIS_URL in the environment are used instead of them.
"""

from __future__ import annotations

from dashboard.runtime.environment import prepare_for_tests

prepare_for_tests()

from dashboard.settings import *  # noqa: E402, F403

# A real one takes a third of a second, for each test with an administrator.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

"""What must be true before Django reads its settings: ``.env``, a secret key, the servers' addresses.

``manage.py`` calls ``prepare``; the supervisor and the tests use the parts.
"""

from __future__ import annotations

import atexit
import os
import runpy
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import MutableMapping
from pathlib import Path

import dotenv
from django.core.exceptions import ImproperlyConfigured

from dashboard.runtime import embedded, mode
from dashboard.runtime.databases import ensure_database
from dashboard.runtime.mode import Mode
from dashboard.runtime.places import BASE, Places
from dashboard.runtime.servers import python_environ
from dashboard.runtime.trouble import StartError

# Set for children of a prepared process: their environment is complete and is used as it is.
PREPARED = "CLERESTORY_PREPARED"
# Commands that need neither database nor broker, and so start none.
SERVERLESS = frozenset({"inspect", "help", "version", "check", "diffsettings", "startapp", "startproject"}) | {
    *("collectstatic", "findstatic", "makemigrations", "makemessages", "compilemessages")
}
# Commands that ask GitHub, and so need the look-alike in a demo.
ASKING = frozenset({"collect", "runserver"})
# Settings that would make a test run depend on who runs it.
PERSONAL = (
    *("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "DEBUG", "HTTPS", "LOG_LEVEL", "PORT", "PUBLIC", "SECRET_KEY"),
    *("DEMO", "GITHUB_API_URL", "GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY", "GITHUB_TOKEN"),
    *("GITHUB_WEBHOOK_SECRET", "TIME_ZONE"),
)


def prepare(argv: list[str]) -> None:
    """Complete ``os.environ`` for one ``manage.py`` command. Raises StartError."""
    if os.environ.get(PREPARED):
        return
    places = Places.of(os.environ)
    load_settings(os.environ)
    speak_utf8()
    if not needs_servers(argv):
        keep_secret_key(os.environ, places, write=False)
        return
    keep_secret_key(os.environ, places)
    check_settings()
    _connect(places, os.environ, command=argv[1])
    os.environ[PREPARED] = "1"


def needs_servers(argv: list[str]) -> bool:
    if len(argv) < 2 or {"-h", "--help", "--version"} & set(argv[1:]):
        return False
    return argv[1] not in SERVERLESS or "--database" in argv


def load_settings(environ: MutableMapping[str, str]) -> None:
    """Read ``.env`` below what the environment says already, and keep loopback out of every proxy."""
    for name, value in dotenv.dotenv_values(BASE / ".env").items():
        if value is not None:
            environ.setdefault(name, value)
    for name in ("NO_PROXY", "no_proxy"):
        hosts = [host.strip() for host in environ.get(name, "").split(",") if host.strip()]
        hosts += [host for host in ("127.0.0.1", "localhost", "::1") if host not in hosts]
        environ[name] = ",".join(hosts)


def speak_utf8() -> None:
    """Answer in UTF-8 whatever the locale, or without one."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def keep_secret_key(environ: MutableMapping[str, str], places: Places, *, write: bool = True) -> None:
    """Without SECRET_KEY: the one kept in ``var/secret_key``; a command that stores nothing takes any."""
    if environ.get("SECRET_KEY", "").strip():
        return
    if write or os.access(places.var / "secret_key", os.R_OK):
        environ["SECRET_KEY"] = places.secret("secret_key", 60)
    else:
        environ["SECRET_KEY"] = secrets.token_urlsafe(50)


def check_settings() -> None:
    """Read the settings once, apart, before anything is started: a senseless one must not leave servers up."""
    try:
        runpy.run_path(str(BASE / "dashboard" / "settings.py"))
    except ImproperlyConfigured as error:
        raise StartError(str(error)) from error


def _connect(places: Places, environ: MutableMapping[str, str], command: str) -> None:
    """Addresses for what the settings leave open; the servers are let go of when this process ends."""
    chosen = mode.for_command(environ, places)
    created = False
    if not environ.get("DATABASE_URL"):
        postgres = _attached("postgres", places)
        created = ensure_database(places, postgres.ports, chosen.database)
        environ["DATABASE_URL"] = embedded.database_url(places, postgres.ports, chosen.database)
    if not environ.get("REDIS_URL"):
        broker = _attached("broker", places)
        environ["REDIS_URL"] = embedded.broker_url(places, broker.ports, chosen.broker_number)
    if chosen is Mode.DEMO:
        environ["DEMO"] = "1"
        if command in ASKING:
            mode.point_at_demo(environ, _attached("lookalike", places).ports)
    if created and command != "migrate":
        migrate(environ)


def _attached(name: str, places: Places, *, throwaway: bool = False) -> embedded.Attached:
    server = embedded.attach(name, places, throwaway=throwaway)
    atexit.register(embedded.detach, server)
    return server


def migrate(environ: MutableMapping[str, str]) -> None:
    """Give a database made just now its tables, so that the first command on a new checkout works."""
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--noinput", "--verbosity", "0"],
        cwd=BASE,
        env=python_environ({**environ, PREPARED: "1"}),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        words = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise StartError(f"The new database did not get its tables: {words}")


def prepare_for_tests() -> None:
    """Servers of their own for a test run, in a folder that goes away with it; given addresses are used instead."""
    for name in PERSONAL:
        os.environ.pop(name, None)
    # Short, and open to the account that a database server needs when root runs the tests.
    var = Path(tempfile.mkdtemp(prefix="clerestory-tests-"))
    var.chmod(0o711)
    atexit.register(_remove, var)
    places = Places(var)
    (var / "static").mkdir()  # empty: pages then link the plain files
    os.environ |= {"CLERESTORY_VAR": str(var), "SECRET_KEY": "only-for-tests-" + "x" * 40, PREPARED: "1"}
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = "127.0.0.1,localhost,::1"
    if not os.environ.get("DATABASE_URL"):
        postgres = _attached("postgres", places, throwaway=True)
        ensure_database(places, postgres.ports, "clerestory")
        os.environ["DATABASE_URL"] = embedded.database_url(places, postgres.ports, "clerestory")
    if not os.environ.get("REDIS_URL"):
        broker = _attached("broker", places, throwaway=True)
        os.environ["REDIS_URL"] = embedded.broker_url(places, broker.ports, 0)


def _remove(var: Path) -> None:
    home = var / "postgres"
    if home.is_symlink():
        shutil.rmtree(home.resolve(), ignore_errors=True)
    shutil.rmtree(var, ignore_errors=True)

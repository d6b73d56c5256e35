"""Django's settings, all from the environment (or ``.env``, which ``manage.py`` reads first).

A setting that makes no sense stops the start with one sentence that names it. docs/running.md lists them all.
"""

from __future__ import annotations

import os
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("CLERESTORY_VAR") or BASE_DIR / "var")


def env_text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def env_flag(name: str, default: bool) -> bool:
    value = env_text(name, "1" if default else "0").lower()
    if value not in ("0", "1", "true", "false", "yes", "no"):
        raise ImproperlyConfigured(f"{name}={value} makes no sense: use 0 or 1.")
    return value in ("1", "true", "yes")


def env_number(name: str, default: int, least: int = 0) -> int:
    value = env_text(name, str(default))
    if not value.isdigit() or int(value) < least:
        raise ImproperlyConfigured(f"{name}={value} makes no sense: use a whole number from {least} up.")
    return int(value)


def env_list(name: str, default: str) -> list[str]:
    return [part.strip() for part in env_text(name, default).split(",") if part.strip()]


def is_loopback(host: str | None) -> bool:
    """By its address, not by how its name begins: 127.example.com is somewhere else."""
    if host is None or host == "localhost":
        return host is not None
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def env_github_url() -> str:
    """The API's address; plain http only where the bytes never leave this machine."""
    url = env_text("GITHUB_API_URL", "https://api.github.com").rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ImproperlyConfigured(f"GITHUB_API_URL={url} makes no sense: use https://host/path.")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ImproperlyConfigured(f"GITHUB_API_URL={url} would send a token unencrypted: use https.")
    return url


def env_time_zone() -> str:
    name = env_text("TIME_ZONE", "UTC")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ImproperlyConfigured(f"TIME_ZONE={name} is no time zone: use a name like Europe/Rome.") from error
    return name


def env_log_level() -> str:
    level = env_text("LOG_LEVEL", "INFO").upper()
    if level not in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
        raise ImproperlyConfigured(f"LOG_LEVEL={level} makes no sense: use DEBUG, INFO, WARNING or ERROR.")
    return level


def env_database() -> dict[str, object]:
    url = env_text("DATABASE_URL")
    if not url:
        # manage.py sets the address of the embedded server; commands that need no database never connect.
        return {"ENGINE": "django.db.backends.postgresql", "NAME": "clerestory", "HOST": "127.0.0.1"}
    if urlsplit(url).scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(
            "DATABASE_URL makes no sense: Clerestory needs postgres://user:password@host/name."
        )
    try:
        return dict(dj_database_url.parse(url, conn_max_age=300, conn_health_checks=True))
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL makes no sense: {error}.") from error


def env_redis_url() -> str:
    url = env_text("REDIS_URL", "redis://127.0.0.1:6379/0")
    if urlsplit(url).scheme not in ("redis", "rediss", "unix"):
        raise ImproperlyConfigured("REDIS_URL makes no sense: use redis://host:port/number.")
    return url


DEBUG = env_flag("DEBUG", False)
HTTPS = env_flag("HTTPS", False)
PUBLIC = env_flag("PUBLIC", False)
DEMO = env_flag("DEMO", False)
SECRET_KEY = env_text("SECRET_KEY")
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY is not set: start through manage.py, or set 50 random characters.")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS", "")

GITHUB_API_URL = env_github_url()
GITHUB_TOKEN = env_text("GITHUB_TOKEN")
GITHUB_APP_ID = env_text("GITHUB_APP_ID")
GITHUB_APP_PRIVATE_KEY = env_text("GITHUB_APP_PRIVATE_KEY")
if bool(GITHUB_APP_ID) != bool(GITHUB_APP_PRIVATE_KEY):
    raise ImproperlyConfigured("GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY belong together: set both or neither.")
GITHUB_WEBHOOK_SECRET = env_text("GITHUB_WEBHOOK_SECRET")

# How long the collector waits before it asks GitHub a second, third and fourth time.
GITHUB_SECONDS_BEFORE_REPEATS = (0.5, 2.0, 5.0)

# Requests with one credential: under way at once, of the 100 that GitHub bears in all, and a minute, of its 900.
# The rest is for people and tools that sign with the same credential.
GITHUB_CONCURRENCY = env_number("GITHUB_CONCURRENCY", 40, least=1)
GITHUB_REQUESTS_A_MINUTE = env_number("GITHUB_REQUESTS_A_MINUTE", 750, least=1)

COLLECT_WINDOW_DAYS = env_number("COLLECT_WINDOW_DAYS", 7, least=1)
CARRY_FORWARD_DAYS = env_number("CARRY_FORWARD_DAYS", 30)
# Days for which results of tests, failures and lines are kept, 0 for ever; what is carried and what is read again
# needs some. Organizations and repositories can say otherwise.
LEAST_DETAIL_DAYS = 2 * max(CARRY_FORWARD_DAYS, 30)
KEEP_DETAIL_DAYS = env_number("KEEP_DETAIL_DAYS", 0)
if 0 < KEEP_DETAIL_DAYS < LEAST_DETAIL_DAYS:
    raise ImproperlyConfigured(
        f"KEEP_DETAIL_DAYS={KEEP_DETAIL_DAYS} makes no sense: use {LEAST_DETAIL_DAYS} or more, or 0 to keep all."
    )
ARTIFACT_MAX_MEGABYTES = env_number("ARTIFACT_MAX_MEGABYTES", 100, least=1)
# Source files that a commit with coverage.py data alone may cost in one night: a request each, of 5,000 an hour.
SOURCE_FILES_PER_COMMIT = env_number("SOURCE_FILES_PER_COMMIT", 300)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django_celery_beat",
    "django_htmx",
    "dashboard.apps.DashboardConfig",
    "collectors.apps.CollectorsConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "dashboard.kept.Kept",
    "dashboard.compression.Compressed",
    "dashboard.unchanged.Unchanged",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "dashboard.views.former_names.FormerNames",
]

ROOT_URLCONF = "dashboard.urls"
WSGI_APPLICATION = "dashboard.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dashboard.context.site",
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "NAME": "jinja",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"environment": "dashboard.jinja.environment"},
    },
]

DATABASES = {"default": env_database()}
PREPARED_STATEMENTS = env_flag("PREPARED_STATEMENTS", True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = env_time_zone()
USE_I18N = False
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "dashboard.staticfiles.HashedStorage"},
}

LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
X_FRAME_OPTIONS = "DENY"

CELERY_BROKER_URL = env_redis_url()
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A queue is never made by a typo; workers take them in this order, so that history never delays tonight.
CELERY_TASK_QUEUE_NAMES = ("discover", "collect", "backfill")
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_DEFAULT_QUEUE = "discover"
CELERY_TASK_ROUTES = {
    "collectors.tasks.collect_repository": {"queue": "collect"},
    "collectors.tasks.backfill_repository": {"queue": "backfill"},
    "collectors.tasks.maintain": {"queue": "backfill"},
}
CELERY_BROKER_TRANSPORT_OPTIONS = {"queue_order_strategy": "priority", "visibility_timeout": 3600}
# An entry that nobody holds and that was handed out longer ago than this is taken for lost.
SWEEP_STILL_SECONDS = env_number("SWEEP_STILL_SECONDS", 300, least=1)
CELERY_BEAT_SCHEDULER = "dashboard.scheduler:NightScheduler"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env_log_level()},
    "loggers": {"github": {"level": "WARNING"}, "urllib3": {"level": "WARNING"}},
}

"""What a production site sets, for a database that STANDIN_DATABASE names: a postgres:// URL, or
the file of an SQLite database."""

import os
from urllib.parse import urlsplit


def database(address):
    if not address.startswith("postgres://"):
        # As durable as Roster, with as much memory for pages, and the lock taken when a
        # transaction begins.
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": address,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 10,
                "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16000",
            },
        }
    # The planner's settings are Roster's.
    url = urlsplit(address)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path.lstrip("/"),
        "USER": url.username,
        "HOST": url.hostname,
        "PORT": url.port,
        "OPTIONS": {"sslmode": "disable", "options": "-c jit=off -c random_page_cost=1.1"},
    }


DEBUG = False
SECRET_KEY = "a benchmark keeps no secrets"
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "rest_framework",
    "rest_framework.authtoken",
    "standin",
]
MIDDLEWARE = []
ROOT_URLCONF = "standin.urls"
WSGI_APPLICATION = "standin.wsgi.application"
AUTH_USER_MODEL = "standin.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
# A connection is kept for as long as its thread lives.
DATABASES = {"default": database(os.environ["STANDIN_DATABASE"]) | {"CONN_MAX_AGE": None}}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
}

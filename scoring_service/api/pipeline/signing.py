"""The keys by which the service knows again what it has handed out."""

from flask import current_app


def signing_keys() -> list[str]:
    """Return the session keys that count, the present one last (itsdangerous signs with the last)."""
    return [*current_app.config["SECRET_KEY_FALLBACKS"], str(current_app.secret_key)]

"""The service's own secrets: from the settings, or generated once and kept in the data folder (0600)."""

import json
import os
import secrets
from dataclasses import replace

from scoring_service.folders import prepare_data_dir
from scoring_service.settings import Settings


def with_keys(settings: Settings) -> Settings:
    """The settings with both keys filled in; what the operator set wins over what was generated."""
    if settings.secret_key and settings.identity_key:
        return settings
    kept = _kept_keys(settings)
    return replace(
        settings,
        secret_key=settings.secret_key or kept["secret_key"],
        identity_key=settings.identity_key or kept["identity_key"],
    )


def _kept_keys(settings: Settings) -> dict[str, str]:
    prepare_data_dir(settings.data_dir)
    path = settings.data_dir / "keys.json"
    if not path.exists():
        draft = path.with_name(f"keys.{os.getpid()}.{secrets.token_hex(4)}.new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({name: secrets.token_urlsafe(48) for name in ("secret_key", "identity_key")}, file)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    keys: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return keys

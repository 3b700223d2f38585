"""Settings: environment variables named SCORING_*, each read once, here.

A field is a setting: `data_dir` is read from SCORING_DATA_DIR by the parser beside it. An unknown or
malformed variable stops the start with one sentence that names it. SCORING_TEST_* belongs to the tests.
"""

import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import quote, unquote, urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

PREFIX = "SCORING_"
IGNORED_PREFIX = "SCORING_TEST_"
KEY_LENGTH = 32
FILE_SUFFIX = "_FILE"
MAIL_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")

Demo = Literal["full", "accounts", "off"]


class SettingsError(Exception):
    """A setting that stops the start; the message is one sentence for the operator."""


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def _folder(value: str) -> Path:
    return Path(_text(value)).expanduser().absolute()


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(value)

    return parse


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return value

    return parse


def _instant(value: str) -> datetime:
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("must be an instant like 2025-01-01T00:00:00+08:00") from None
    if instant.tzinfo is None:
        raise ValueError("must name its offset, like 2025-01-01T00:00:00+08:00")
    return instant


def _hosts(value: str) -> tuple[str, ...]:
    names = tuple(name.strip().lower() for name in value.split(",") if name.strip())
    if not names or not all(re.fullmatch(r"[a-z0-9.-]{1,253}|[0-9a-f:.]{2,45}", name) for name in names):
        raise ValueError("must be names without a port, separated by commas, like points.example.cn,10.0.0.5")
    return names


def _postgres(value: str) -> str:
    try:
        url = make_url(_hosts_apart(value))
    except (ArgumentError, ValueError):
        raise ValueError("must be an address like postgresql://user:password@host/database") from None
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        raise ValueError("must name a PostgreSQL database, like postgresql://user:password@host/database")
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def _replicas(value: str) -> tuple[str, ...]:
    return tuple(_postgres(url.strip()) for url in value.split(",") if url.strip())


def _hosts_apart(value: str) -> str:
    """An address with several hosts, which libpq takes as host:port,host:port, as SQLAlchemy takes it."""
    parts = urlsplit(value)
    login, at, hosts = parts.netloc.rpartition("@")
    if "," not in hosts:
        return value
    if "[" in hosts:
        raise ValueError("several hosts go by name or IPv4 address")
    query = "&".join([*(f"host={quote(unquote(host))}" for host in hosts.split(",")), *filter(None, [parts.query])])
    return f"{parts.scheme}://{login}{at}{parts.path}?{query}"


def _key(value: str) -> str:
    if len(value) < KEY_LENGTH:
        raise ValueError(f"must be at least {KEY_LENGTH} random characters")
    return value


def _issuer(value: str) -> str:
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or "?" in value or "#" in value or "@" in value or not value.isprintable() or " " in value:
        raise ValueError("must be the provider's issuer, an address like https://id.example.cn")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise ValueError("must begin with https:// (http:// on a loopback address only)")
    return value


def _claim(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.:/-]{1,100}", value):
        raise ValueError("must be the name of a claim of the ID token, like preferred_username")
    return value


def _web(value: str) -> str:
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or "#" in value or "@" in value or not value.isprintable() or " " in value:
        raise ValueError("must be an address like https://points.example.cn")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise ValueError("must begin with https:// (http:// on a loopback address only)")
    return value


def _server(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.-]{1,253}|[0-9a-fA-F:.]{2,45}", value):
        raise ValueError("must be the name or the address of a server, without a port")
    return value


def _mailbox(value: str) -> str:
    if not MAIL_ADDRESS.fullmatch(value):
        raise ValueError("must be an e-mail address like points@example.cn")
    return value


def is_loopback(host: str) -> bool:
    """Tell whether a host, by name or by address, is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _in_a_file(known: Mapping[str, Field[Any]], name: str, environ: Mapping[str, str]) -> Field[Any] | None:
    """Return the key whose file a variable names. Raises SettingsError when the key itself is set too."""
    key = name.removesuffix(FILE_SUFFIX)
    item = known.get(key) if key != name else None
    if item is None or item.metadata["parse"] is not _key:
        return None
    if key in environ:
        raise SettingsError(f"{key} and {name} are both set: keep one of them.")
    return item


def _content(path: str) -> str:
    try:
        return Path(path).expanduser().read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ValueError(f"names a file that cannot be read ({reason})") from None


def _read(parse: Callable[[str], Any], default: Any, *, secret: bool = False) -> Any:
    return field(default=default, repr=not secret, metadata={"parse": parse})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the operator may choose. `data_dir` holds the embedded database and the generated keys."""

    data_dir: Path = _read(_folder, Path("var").absolute())
    host: str = _read(_text, "127.0.0.1")
    port: int = _read(_whole(1, 65535), 8000)
    hosts: tuple[str, ...] = _read(_hosts, ())
    database_url: str | None = _read(_postgres, None, secret=True)
    database_direct_url: str | None = _read(_postgres, None, secret=True)
    database_owner_url: str | None = _read(_postgres, None, secret=True)
    database_replica_urls: tuple[str, ...] = _read(_replicas, (), secret=True)
    env: str = _read(_one_of("development", "production"), "development")
    demo: Demo | None = _read(_one_of("full", "accounts", "off"), None)
    clock: Literal["system", "simulated"] = _read(_one_of("system", "simulated"), "system")
    clock_start: datetime | None = _read(_instant, None)
    workers: int = _read(_whole(1, 256), 2)
    threads: int = _read(_whole(1, 256), 4)
    backlog: int = _read(_whole(128, 65535), 2048)
    proxies: int = _read(_whole(0, 16), 0)
    secret_key: str | None = _read(_key, None, secret=True)
    secret_key_previous: str | None = _read(_key, None, secret=True)
    identity_key: str | None = _read(_key, None, secret=True)
    identity_key_previous: str | None = _read(_key, None, secret=True)
    token_hours: int = _read(_whole(1, 24 * 90), 12)
    statement_timeout_seconds: int = _read(_whole(1, 3600), 30)
    log_level: str = _read(_one_of("debug", "info", "warning", "error"), "info")
    rulebooks_dir: Path | None = _read(_folder, None)
    calendar_dir: Path | None = _read(_folder, None)
    office_name: str = _read(_text, "赤峰市医疗保障局")
    office_mark: str = _read(_text, "赤医保资格")
    oidc_issuer: str | None = _read(_issuer, None)
    oidc_client_id: str | None = _read(_text, None)
    oidc_client_secret: str | None = _read(_text, None, secret=True)
    oidc_claim: str | None = _read(_claim, None)
    console_url: str | None = _read(_web, None)
    smtp_host: str | None = _read(_server, None)
    smtp_port: int = _read(_whole(1, 65535), 587)
    smtp_tls: str = _read(_one_of("starttls", "tls", "none"), "starttls")
    smtp_from: str | None = _read(_mailbox, None)
    smtp_user: str | None = _read(_text, None)
    smtp_password: str | None = _read(_text, None, secret=True)
    gateway_url: str | None = _read(_web, None)
    gateway_secret: str | None = _read(_key, None, secret=True)
    reminder_hour: int = _read(_whole(0, 23), 8)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Settings from the environment. Raises SettingsError, naming the variable that is wrong."""
        environ = os.environ if environ is None else environ
        known = {PREFIX + item.name.upper(): item for item in fields(cls)}
        values: dict[str, Any] = {}
        for name in sorted(environ):
            if not name.startswith(PREFIX) or name.startswith(IGNORED_PREFIX):
                continue
            item = known.get(name) or _in_a_file(known, name, environ)
            if item is None:
                raise SettingsError(f"{name} is not a setting of this service; see docs/operations.md.")
            try:
                value = environ[name] if name in known else _content(environ[name])
                values[item.name] = item.metadata["parse"](value)
            except ValueError as error:
                raise SettingsError(f"{name} {error}.") from None
        settings = cls(**values)
        settings.check()
        return settings

    @property
    def production(self) -> bool:
        return self.env == "production"

    @property
    def embedded(self) -> bool:
        """Whether the database is the one that the service starts itself under `data_dir`."""
        return self.database_url is None

    @property
    def demo_seed(self) -> Demo:
        """What a first start seeds: by default the demo year; nothing into a server not embedded."""
        return self.demo or ("full" if self.embedded else "off")

    @property
    def loopback(self) -> bool:
        return is_loopback(self.host)

    def check(self) -> None:
        """Settings that exclude each other. Raises SettingsError."""
        if self.clock == "simulated" and self.production:
            raise SettingsError("SCORING_CLOCK=simulated is refused with SCORING_ENV=production.")
        for name in ("secret_key", "identity_key"):
            if self.production and getattr(self, name) is None:
                raise SettingsError(f"{PREFIX}{name.upper()} is required with SCORING_ENV=production.")
        for name in ("database_direct_url", "database_owner_url"):
            if self.embedded and getattr(self, name) is not None:
                raise SettingsError(f"{PREFIX}{name.upper()} stands beside {PREFIX}DATABASE_URL, which is not set.")
        self._check_previous()
        if self.database_replica_urls and self.embedded:
            raise SettingsError(f"{PREFIX}DATABASE_REPLICA_URLS needs {PREFIX}DATABASE_URL, the primary's address.")
        self._check_oidc()
        self._check_reminders()
        if self.demo_seed != "off":
            self.check_demo("SCORING_DEMO=off is needed: demo accounts are refused")

    def _check_previous(self) -> None:
        for name in ("secret_key", "identity_key"):
            key, previous = getattr(self, name), getattr(self, f"{name}_previous")
            if previous is not None and key in {None, previous}:
                variable = f"{PREFIX}{name.upper()}"
                raise SettingsError(f"{variable}_PREVIOUS is set: {variable} must be set too, to another key.")

    def _check_oidc(self) -> None:
        names = ("oidc_issuer", "oidc_client_id", "oidc_client_secret", "oidc_claim")
        missing = [PREFIX + name.upper() for name in names if getattr(self, name) is None]
        if missing and len(missing) < len(names):
            raise SettingsError(f"{', '.join(missing)} must be set too: SCORING_OIDC_* is set whole or not at all.")

    def _check_reminders(self) -> None:
        """What reminders go out by: the mail server with its sender, the gateway with its secret, both with the page.

        What nobody has encrypted leaves this machine by no means.
        """
        for first, others in (
            ("smtp_host", ("smtp_from", "console_url")),
            ("gateway_url", ("gateway_secret", "console_url")),
            ("smtp_user", ("smtp_host", "smtp_password")),
        ):
            missing = [PREFIX + name.upper() for name in others if getattr(self, name) is None]
            if getattr(self, first) is not None and missing:
                raise SettingsError(f"{PREFIX}{first.upper()} is set: {', '.join(missing)} must be set too.")
        if self.smtp_tls == "none" and self.smtp_host is not None and not is_loopback(self.smtp_host):
            raise SettingsError("SCORING_SMTP_TLS=none is for a mail server on a loopback address only.")

    def check_demo(self, refusal: str = "This database holds demo accounts, which are refused") -> None:
        """Demo accounts: embedded database, loopback, not production. Raises SettingsError."""
        if not self.loopback:
            raise SettingsError(f"{refusal} with SCORING_HOST={self.host}, which is not a loopback address.")
        if not self.embedded:
            raise SettingsError(f"{refusal} with a SCORING_DATABASE_URL.")
        if self.production:
            raise SettingsError(f"{refusal} with SCORING_ENV=production.")

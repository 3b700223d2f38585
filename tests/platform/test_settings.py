from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from scoring_service.db.engine import driver_arguments
from scoring_service.runtime.backups import connection_of
from scoring_service.settings import Settings, SettingsError

KEY = "k" * 32
OIDC = {
    "SCORING_OIDC_ISSUER": "https://id.example.cn/realm",
    "SCORING_OIDC_CLIENT_ID": "scoring",
    "SCORING_OIDC_CLIENT_SECRET": "hush-hush",
    "SCORING_OIDC_CLAIM": "preferred_username",
}


def test_nothing_set_gives_the_newcomers_service():
    settings = Settings.from_env({"PATH": "/bin", "SCORING_TEST_ANYTHING": "x"})
    assert (settings.host, settings.port, settings.embedded, settings.demo_seed) == ("127.0.0.1", 8000, True, "full")
    assert settings.token_hours >= 8


def test_values_are_parsed():
    settings = Settings.from_env(
        {
            "SCORING_CLOCK": "simulated",
            "SCORING_CLOCK_START": "2025-01-01T00:00:00+08:00",
            "SCORING_DATABASE_URL": "postgresql://user:secret@host/base",
        }
    )
    assert settings.clock_start == datetime(2024, 12, 31, 16, tzinfo=UTC)
    assert settings.clock_start.utcoffset() == timedelta(hours=8)
    assert settings.database_url == "postgresql+psycopg://user:secret@host/base"
    assert settings.demo_seed == "off"
    assert "secret" not in repr(settings)


def test_openid_connect_is_set_whole_or_not_at_all():
    settings = Settings.from_env(OIDC)
    assert (settings.oidc_issuer, settings.oidc_claim) == ("https://id.example.cn/realm", "preferred_username")
    assert "hush-hush" not in repr(settings)
    assert Settings.from_env(OIDC | {"SCORING_OIDC_ISSUER": "http://127.0.0.1:9000"}).oidc_issuer
    for name in OIDC:
        with pytest.raises(SettingsError, match=f"^{name} must be set too") as caught:
            Settings.from_env({key: value for key, value in OIDC.items() if key != name})
        assert str(caught.value).endswith(".")


MAIL = {"SCORING_SMTP_HOST": "mail.example.cn", "SCORING_SMTP_FROM": "points@example.cn", "SCORING_CONSOLE_URL": "https://points.example.cn"}
GATEWAY = {"SCORING_GATEWAY_URL": "https://sms.example.cn/send?app=1", "SCORING_GATEWAY_SECRET": KEY, "SCORING_CONSOLE_URL": "https://points.example.cn"}


@pytest.mark.parametrize(("ways", "first"), [(MAIL, "SCORING_SMTP_HOST"), (GATEWAY, "SCORING_GATEWAY_URL")])
def test_a_way_to_remind_people_is_set_whole(ways, first):
    settings = Settings.from_env(ways)
    assert (settings.smtp_tls, settings.reminder_hour, settings.console_url) == ("starttls", 8, "https://points.example.cn")
    assert KEY not in repr(settings)
    for name in set(ways) - {first}:
        with pytest.raises(SettingsError, match=f"{first} is set: {name} must be set too"):
            Settings.from_env({key: value for key, value in ways.items() if key != name})


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"SCORING_SMTP_TLS": "none"}, "SCORING_SMTP_TLS=none is for a mail server on a loopback"),
        ({"SCORING_SMTP_TLS": "ssl"}, "SCORING_SMTP_TLS must be one of"),
        ({"SCORING_SMTP_FROM": "points"}, "SCORING_SMTP_FROM must be an e-mail address"),
        ({"SCORING_SMTP_HOST": "mail.example.cn:25"}, "SCORING_SMTP_HOST must be the name"),
        ({"SCORING_SMTP_USER": "points"}, "SCORING_SMTP_USER is set: SCORING_SMTP_PASSWORD must be set too"),
        ({"SCORING_CONSOLE_URL": "http://points.example.cn"}, "SCORING_CONSOLE_URL must begin with https://"),
        ({"SCORING_REMINDER_HOUR": "24"}, "SCORING_REMINDER_HOUR must be a whole number"),
        ({"SCORING_GATEWAY_URL": "http://sms.example.cn"}, "SCORING_GATEWAY_URL must begin with https://"),
        ({"SCORING_GATEWAY_SECRET": "short"}, "SCORING_GATEWAY_SECRET must be at least 32"),
    ],
)
def test_a_wrong_setting_of_reminders_is_named(changed, named):
    with pytest.raises(SettingsError, match=named):
        Settings.from_env(MAIL | changed)


@pytest.mark.parametrize(
    "issuer", ["id.example.cn", "http://id.example.cn", "https://", "https://id.example.cn?a=b", "https://[", "ftp://localhost", "https://u:p@id.example.cn"]
)
def test_a_wrong_issuer_is_named(issuer):
    with pytest.raises(SettingsError, match=r"SCORING_OIDC_ISSUER must.*\.$"):
        Settings.from_env(OIDC | {"SCORING_OIDC_ISSUER": issuer})


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"SCORING_UNHEARD_OF": "1"}, "SCORING_UNHEARD_OF"),
        ({"SCORING_PORT": "eighty"}, "SCORING_PORT"),
        ({"SCORING_PORT": "0"}, "SCORING_PORT"),
        ({"SCORING_PORT": ""}, "SCORING_PORT"),
        ({"SCORING_ENV": "prod"}, "SCORING_ENV"),
        ({"SCORING_DEMO": "yes"}, "SCORING_DEMO"),
        ({"SCORING_CLOCK_START": "2025-01-01T00:00:00"}, "SCORING_CLOCK_START"),
        ({"SCORING_CLOCK_START": "soon"}, "SCORING_CLOCK_START"),
        ({"SCORING_DATABASE_URL": "mysql://host/base"}, "SCORING_DATABASE_URL"),
        ({"SCORING_DATABASE_URL": "host"}, "SCORING_DATABASE_URL"),
        ({"SCORING_DATABASE_URL": "postgresql://one:x/base"}, "SCORING_DATABASE_URL must be an address"),
        ({"SCORING_DATABASE_OWNER_URL": "postgresql://host/base"}, "SCORING_DATABASE_OWNER_URL"),
        ({"SCORING_DATABASE_DIRECT_URL": "postgresql://host/base"}, "SCORING_DATABASE_DIRECT_URL"),
        ({"SCORING_IDENTITY_KEY": "short"}, "SCORING_IDENTITY_KEY"),
        ({"SCORING_IDENTITY_KEY_FILE": "/nowhere/key"}, "SCORING_IDENTITY_KEY_FILE"),
        ({"SCORING_IDENTITY_KEY_FILE": "/dev/null"}, "SCORING_IDENTITY_KEY_FILE"),
        ({"SCORING_IDENTITY_KEY_FILE": "/dev/null", "SCORING_IDENTITY_KEY": KEY}, "SCORING_IDENTITY_KEY_FILE"),
        ({"SCORING_PORT_FILE": "/dev/null"}, "SCORING_PORT_FILE"),
        ({"SCORING_IDENTITY_KEY_PREVIOUS": KEY}, "SCORING_IDENTITY_KEY must be set"),
        ({"SCORING_SECRET_KEY": KEY, "SCORING_SECRET_KEY_PREVIOUS": KEY}, "another key"),
        (OIDC | {"SCORING_OIDC_CLAIM": "two words"}, "SCORING_OIDC_CLAIM"),
        (OIDC | {"SCORING_OIDC_CLIENT_ID": " "}, "SCORING_OIDC_CLIENT_ID"),
        (OIDC | {"SCORING_OIDC_CLIENT_SECRET": ""}, "SCORING_OIDC_CLIENT_SECRET"),
        ({"SCORING_HOST": "0.0.0.0"}, "SCORING_DEMO"),
        ({"SCORING_DEMO": "accounts", "SCORING_DATABASE_URL": "postgresql://host/base"}, "SCORING_DATABASE_URL"),
        ({"SCORING_ENV": "production", "SCORING_SECRET_KEY": KEY}, "SCORING_IDENTITY_KEY"),
        ({"SCORING_ENV": "production", "SCORING_SECRET_KEY": KEY, "SCORING_IDENTITY_KEY": KEY}, "SCORING_DEMO"),
        ({"SCORING_ENV": "production", "SCORING_CLOCK": "simulated"}, "SCORING_CLOCK"),
    ],
)
def test_an_unknown_or_malformed_setting_is_named(environ, named):
    with pytest.raises(SettingsError, match=named) as caught:
        Settings.from_env(environ)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_a_key_may_lie_in_a_file(tmp_path):
    (tmp_path / "key").write_text(KEY + "\n")
    settings = Settings.from_env({"SCORING_IDENTITY_KEY_FILE": str(tmp_path / "key")})
    assert settings.identity_key == KEY


def test_every_setting_is_documented():
    operations = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    missing = [item.name for item in fields(Settings) if f"`SCORING_{item.name.upper()}`" not in operations]
    assert missing == []


def test_an_address_names_several_hosts_as_libpq_does():
    address = "postgresql://user:p%40ss@one:5433,10.0.0.2:5434,three/base?target_session_attrs=read-write"
    settings = Settings.from_env({"SCORING_DEMO": "off", "SCORING_DATABASE_URL": address})
    arguments = driver_arguments(settings.database_url)
    assert (arguments["host"], arguments["port"]) == ("one,10.0.0.2,three", "5433,5434,")
    assert (arguments["password"], arguments["target_session_attrs"]) == ("p@ss", "read-write")
    conninfo, environ = connection_of(settings.database_url)
    same = {name: arguments[name] for name in ("host", "port", "user", "dbname", "target_session_attrs")}
    assert (conninfo_to_dict(conninfo), environ) == (same, {"PGPASSWORD": "p@ss"})

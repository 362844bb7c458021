"""Settings out of the environment: typed, all faults at once, no secret shown.

Source: docs/spec/access.md#secrets; docs/spec/operations.md#settings.
"""

import base64
from pathlib import Path

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from quote_service.platform.settings import (
    SETTINGS,
    Key,
    Settings,
    SettingsRefused,
    production_faults,
    read_settings,
    shown_value,
)
from quote_service.platform.settings.rate_limit import RateLimit

SECRET = bytes(range(32))
ENCODED = base64.b64encode(SECRET).decode()
OTHER = base64.urlsafe_b64encode(bytes(range(100, 140))).decode().rstrip("=")


def faults_of(environment: dict[str, str]) -> dict[str, str]:
    with pytest.raises(SettingsRefused) as refused:
        read_settings(environment)
    return {fault.variable: fault.detail for fault in refused.value.faults}


def test_nothing_given_is_the_defaults() -> None:
    assert read_settings({}) == Settings()
    assert read_settings({"QUOTE_PORT": "", "UNRELATED": "x"}) == Settings()


def test_what_is_given_is_read_as_its_type() -> None:
    settings = read_settings(
        {
            "DATABASE_URL": "postgresql://q@db/q",
            "QUOTE_PORT": "9000",
            "QUOTE_METRICS_PORT": "9100",
            "QUOTE_TRACE_SAMPLE_RATIO": "0.5",
            "QUOTE_CORS_ORIGINS": "https://a.example, https://b.example",
            "QUOTE_LOG_LEVEL": "debug",
            "QUOTE_JWT_KEYS": f"new:{ENCODED}, old:{OTHER}",
        },
        workers=3,
    )
    assert (settings.database_url, settings.port, settings.workers) == ("postgresql://q@db/q", 9000, 3)
    assert (settings.metrics_port, settings.trace_sample_ratio, settings.log_level) == (9100, 0.5, "debug")
    assert settings.cors_origins == ("https://a.example", "https://b.example")
    assert settings.jwt_keys == (Key("new", SECRET), Key("old", bytes(range(100, 140))))


def test_every_fault_is_named_at_once() -> None:
    faults = faults_of(
        {
            "QUOTE_PORT": "99999",
            "QUOTE_WORKERS": "two",
            "QUOTE_TIMOUT_MS": "5",
            "QUOTE_LOG_LEVEL": "loud",
            "QUOTE_METRICS_PORT": "perhaps",
            "QUOTE_SIGNING_KEYS": f"k:{ENCODED},k:{ENCODED}",
            "QUOTE_RECEIPT_KEYS": f"k:{OTHER}",
            "DATABASE_URL": "nowhere",
        }
    )
    assert faults.keys() == {
        "QUOTE_PORT", "QUOTE_WORKERS", "QUOTE_TIMOUT_MS", "QUOTE_LOG_LEVEL", "QUOTE_METRICS_PORT", "QUOTE_SIGNING_KEYS",
        "QUOTE_RECEIPT_KEYS", "DATABASE_URL",
    }  # fmt: skip
    assert "QUOTE_TIMEOUT_MS" in faults["QUOTE_TIMOUT_MS"]


@pytest.mark.parametrize(
    ("text", "limit"),
    [("5/9", RateLimit(5, 9)), (" 1 / 1000000 ", RateLimit(1, 1_000_000)), ("none", None), ("NONE", None)],
)
def test_the_limit_of_a_role_is_read(text: str, limit: RateLimit | None) -> None:
    settings = read_settings({"QUOTE_RATE_LIMIT_ANALYST": text})
    assert settings == msgspec.structs.replace(Settings(), rate_limit_analyst=limit)
    (setting,) = (each for each in SETTINGS if each.variable == "QUOTE_RATE_LIMIT_ANALYST")
    shown = shown_value(setting, limit)
    assert read_settings({"QUOTE_RATE_LIMIT_ANALYST": shown}).rate_limit_analyst == limit


@pytest.mark.parametrize(
    "text", ["5", "5/", "/5", "0/5", "5/0", "-1/5", "1000001/5", "5/1e9", "5/9/9", "٥/9", "9" * 5000]
)
def test_the_limit_of_a_role_that_cannot_be_read_is_refused(text: str) -> None:
    assert (
        "expected requests per second/requests at once"
        in faults_of({"QUOTE_RATE_LIMIT_USER": text})["QUOTE_RATE_LIMIT_USER"]
    )


def test_lives_and_the_throttle_have_bounds() -> None:
    for variable, bad in (
        ("QUOTE_ACCESS_TOKEN_SECONDS", ("59", "86401")),
        ("QUOTE_REFRESH_TOKEN_SECONDS", ("59", "31622401")),
        ("QUOTE_LOGIN_WINDOW_SECONDS", ("9", "86401")),
        ("QUOTE_LOGIN_ATTEMPTS_ACCOUNT", ("2", "1001")),
        ("QUOTE_LOGIN_ATTEMPTS_ADDRESS", ("2", "1000001")),
    ):
        for value in (*bad, "x", "1.5"):
            assert faults_of({variable: value}).keys() == {variable}
    shorter = {"QUOTE_ACCESS_TOKEN_SECONDS": "900", "QUOTE_REFRESH_TOKEN_SECONDS": "899"}
    assert faults_of(shorter) == {"QUOTE_REFRESH_TOKEN_SECONDS": "is shorter than QUOTE_ACCESS_TOKEN_SECONDS"}


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(f"k1:{ENCODED}\n")
    assert read_settings({"QUOTE_JWT_KEYS_FILE": str(file)}).jwt_keys == (Key("k1", SECRET),)
    assert "QUOTE_JWT_KEYS" in faults_of({"QUOTE_JWT_KEYS_FILE": str(tmp_path / "none")})
    assert "twice" in faults_of({"QUOTE_JWT_KEYS_FILE": str(file), "QUOTE_JWT_KEYS": f"k1:{ENCODED}"})["QUOTE_JWT_KEYS"]
    assert "QUOTE_PORT_FILE" in faults_of({"QUOTE_PORT_FILE": str(file)})


@pytest.mark.parametrize(
    "keys", ["", "k1", "k1:", f":{ENCODED}", "k1:c2hvcnQ=", "k 1:" + ENCODED, "k1:" + "é" * 44, ","]
)
def test_keys_that_cannot_be_used_are_refused_without_being_shown(keys: str) -> None:
    if not keys:
        assert read_settings({"QUOTE_JWT_KEYS": keys}).jwt_keys == ()
        return
    detail = faults_of({"QUOTE_JWT_KEYS": keys})["QUOTE_JWT_KEYS"]
    assert ENCODED not in detail
    assert "c2hvcnQ" not in detail


@given(st.binary(min_size=32, max_size=64), st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=12))
def test_no_secret_is_shown(secret: bytes, password: str) -> None:
    assume(password not in repr(Settings()))  # a word that is there anyway, as part of a name
    encoded = base64.b64encode(secret).decode()
    settings = read_settings(
        {
            "QUOTE_SIGNING_KEYS": f"k1:{encoded}",
            "DATABASE_URL": f"postgresql://u:{password}@db:5432/q",
            "REDIS_URL": f"rediss://:{password}@cache/0?password={password}",
        }
    )
    shown = [shown_value(setting, getattr(settings, setting.field)) for setting in SETTINGS]
    for text in (*shown, repr(settings), str(settings)):
        assert encoded not in text
        assert password not in text
        assert repr(secret) not in text


def test_production_asks_for_everything_and_refuses_development() -> None:
    assert {fault.variable for fault in production_faults(Settings())} == {
        "DATABASE_URL", "REDIS_URL", "QUOTE_JWT_KEYS", "QUOTE_SIGNING_KEYS", "QUOTE_RECEIPT_KEYS",
    }  # fmt: skip
    whole = {
        "DATABASE_URL": "postgresql://q@db/q",
        "REDIS_URL": "redis://cache",
        "QUOTE_JWT_KEYS": f"k1:{ENCODED}",
        "QUOTE_SIGNING_KEYS": f"k1:{ENCODED}",
        "QUOTE_RECEIPT_KEYS": f"k1:{ENCODED}",
    }
    assert production_faults(read_settings(whole)) == []
    development = production_faults(read_settings({**whole, "QUOTE_JWT_KEYS": f"dev:{ENCODED}"}))
    assert [fault.variable for fault in development] == ["QUOTE_JWT_KEYS"]
    constant = base64.b64encode(b"a" * 32).decode()
    assert len(production_faults(read_settings({**whole, "QUOTE_SIGNING_KEYS": f"k1:{constant}"}))) == 1

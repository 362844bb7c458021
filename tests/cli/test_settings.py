"""Settings out of the environment: typed, all faults at once, no secret shown.

Source: spec 8, spec 9.
"""

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.settings import (
    SETTINGS,
    Key,
    Settings,
    SettingsRefused,
    production_faults,
    read_settings,
    shown_value,
)

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
            "QUOTE_METRICS_PUBLIC": "true",
            "QUOTE_TRACE_SAMPLE_RATIO": "0.5",
            "QUOTE_CORS_ORIGINS": "https://a.example, https://b.example",
            "QUOTE_LOG_LEVEL": "debug",
            "QUOTE_JWT_KEYS": f"new:{ENCODED}, old:{OTHER}",
        },
        workers=3,
    )
    assert (settings.database_url, settings.port, settings.workers) == ("postgresql://q@db/q", 9000, 3)
    assert (settings.metrics_public, settings.trace_sample_ratio, settings.log_level) == (True, 0.5, "debug")
    assert settings.cors_origins == ("https://a.example", "https://b.example")
    assert settings.jwt_keys == (Key("new", SECRET), Key("old", bytes(range(100, 140))))


def test_every_fault_is_named_at_once() -> None:
    faults = faults_of(
        {
            "QUOTE_PORT": "99999",
            "QUOTE_WORKERS": "two",
            "QUOTE_TIMOUT_MS": "5",
            "QUOTE_LOG_LEVEL": "loud",
            "QUOTE_METRICS_PUBLIC": "perhaps",
            "QUOTE_SIGNING_KEYS": f"k:{ENCODED},k:{ENCODED}",
            "QUOTE_RECEIPT_KEYS": f"k:{OTHER}",
            "DATABASE_URL": "nowhere",
        }
    )
    assert faults.keys() == {
        "QUOTE_PORT", "QUOTE_WORKERS", "QUOTE_TIMOUT_MS", "QUOTE_LOG_LEVEL", "QUOTE_METRICS_PUBLIC", "QUOTE_SIGNING_KEYS",
        "QUOTE_RECEIPT_KEYS", "DATABASE_URL",
    }  # fmt: skip
    assert "QUOTE_TIMEOUT_MS" in faults["QUOTE_TIMOUT_MS"]


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

"""The command line where no server is needed.

Source: docs/spec/operations.md#production.
"""

import base64
import socket

import pytest
from click.testing import CliRunner

from quote_service.platform.settings import production_faults, read_settings
from quote_service.serving.cli import COMMANDS, main
from quote_service.serving.cli.make_secrets import make_secrets

KEYS = f"k1:{base64.b64encode(bytes(range(32))).decode()}"
PRODUCTION = {
    "DATABASE_URL": "postgresql://q:hunter2hunter2@127.0.0.1:1/q",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "QUOTE_JWT_KEYS": KEYS,
    "QUOTE_SIGNING_KEYS": KEYS,
    "QUOTE_RECEIPT_KEYS": KEYS,
}
NOTHING = dict.fromkeys(PRODUCTION)


def test_every_command_has_its_help() -> None:
    listed = CliRunner().invoke(main, ["--help"])
    assert listed.exit_code == 0
    for name in COMMANDS:
        shown = CliRunner().invoke(main, [name, "--help"])
        assert shown.exit_code == 0, shown.output
        assert name in listed.output


def test_an_unknown_command_is_reported() -> None:
    assert CliRunner().invoke(main, ["fly"]).exit_code == 2


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_production_does_not_start_without_secrets(command: str) -> None:
    refused = CliRunner().invoke(main, [command], env=NOTHING)
    assert refused.exit_code == 1
    assert all(f"{variable} is required" in refused.output for variable in PRODUCTION)


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_production_does_not_start_with_development_secrets(command: str) -> None:
    refused = CliRunner().invoke(main, [command], env={**PRODUCTION, "QUOTE_JWT_KEYS": KEYS.replace("k1", "dev")})
    assert refused.exit_code == 1
    assert refused.output.strip() == "QUOTE_JWT_KEYS dev is a development key"


def test_a_setting_that_cannot_be_read_is_named() -> None:
    refused = CliRunner().invoke(main, ["serve"], env={**PRODUCTION, "QUOTE_PORT": "x", "QUOTE_PROT": "1"})
    assert refused.exit_code == 1
    assert "QUOTE_PORT " in refused.output
    assert "QUOTE_PROT " in refused.output


def test_a_taken_port_is_reported() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for workers in ("1", "2"):
            arguments = ["serve", "--host", "127.0.0.1", "--port", str(port), "--workers", workers]
            refused = CliRunner().invoke(main, arguments, env=PRODUCTION)
            assert refused.exit_code == 1
            assert f"127.0.0.1:{port}" in refused.output


def test_the_settings_are_listed_without_their_secrets() -> None:
    listed = CliRunner().invoke(main, ["config", "--check"], env=PRODUCTION)
    assert listed.exit_code == 0, listed.output
    assert "postgresql://q:***@127.0.0.1:1/q" in listed.output
    assert "hunter2" not in listed.output
    assert KEYS not in listed.output
    assert CliRunner().invoke(main, ["config", "--check"], env=NOTHING).exit_code == 1


def test_the_secrets_made_are_fit_for_production() -> None:
    first, second = (CliRunner().invoke(make_secrets).output for _ in range(2))
    assert first != second
    made = dict(line.split("=", 1) for line in first.splitlines())
    assert production_faults(read_settings({**PRODUCTION, **made})) == []


def test_a_database_that_is_away_is_reported() -> None:
    refused = CliRunner().invoke(main, ["migrate"], env=PRODUCTION)
    assert refused.exit_code == 1
    assert "cannot be reached" in refused.output
    assert "Traceback" not in refused.output

"""`quote-service users` and `quote-service keys`, and what they make holds over HTTP.

Source: docs/spec/access.md#callers; docs/spec/operations.md#production.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from uuid import uuid4

import httpx
import pyotp
import pytest

from quote_service.identity.operations.credentials import Credentials
from quote_service.platform.settings import Settings
from quote_service.platform.settings.rate_limit import DEFAULT_RATE_LIMIT
from quote_service.platform.system.clock import now_us
from tests.access.running import RunningService, until
from tests.fixtures.fork_server import fork_server


@pytest.fixture
def email() -> str:
    return f"{uuid4().hex}@example.com"


class Result(NamedTuple):
    exit_code: int
    output: str


def run(service: RunningService, *arguments: str, given: str = "") -> Result:
    return run_on(service.parts[Settings].database_url, *arguments, given=given)


def run_on(database_url: str, *arguments: str, given: str = "") -> Result:
    """The command in a process of its own: the service writes its log lines in this one."""
    with TemporaryDirectory(prefix="quote-service-command-") as name:
        standard_input, output = Path(name) / "input", Path(name) / "output"
        standard_input.write_text(given)
        child = fork_server().start(list(arguments), output, {"DATABASE_URL": database_url}, given=standard_input)
        return Result(child.wait(), child.output())


def test_the_first_admin_is_made_and_logs_in(service: RunningService, email: str) -> None:
    added = run(service, "users", "add", email, "--role", "admin", "--password-stdin", given="a long first password\n")
    assert (added.exit_code, added.output) == (0, f"{email} can log in as admin\n")
    body = {"email": email, "password": "a long first password"}
    session = service.http.post("/api/v1/auth/login", json=body).json()["data"]
    bearer = {"Authorization": f"Bearer {session['access_token']}"}
    found = service.http.get("/api/v1/audit", params={"object_id": session["user"]["id"]}, headers=bearer).json()[
        "data"
    ]
    assert [row["action"] for row in found] == ["session.start", "user.create"]
    assert found[1]["actor_kind"] == "system"
    assert found[1]["actor"].startswith("command line")
    assert f"{email}\tadmin\tactive\n" in run(service, "users", "list").output
    assert (
        run(
            service, "users", "add", "other-" + email, "--role", "admin", "--password-stdin", given="another password\n"
        ).exit_code
        == 0
    )
    assert run(service, "users", "deactivate", email.upper()).exit_code == 0
    assert f"{email}\tadmin\tdeactivated\n" in run(service, "users", "list").output
    assert service.http.post("/api/v1/auth/login", json=body).status_code == 401


def test_a_lost_second_factor_is_taken_away(service: RunningService, email: str) -> None:
    run(service, "users", "add", email, "--role", "admin", "--password-stdin", given="the first password\n")
    none = run(service, "users", "second-factor", email)
    assert (none.exit_code, none.output) == (1, "The user has no second factor\n")
    given = {"email": email, "password": "the first password"}
    token = service.http.post("/api/v1/auth/login", json=given).json()["data"]["access_token"]
    bearer, place = {"Authorization": f"Bearer {token}"}, "/api/v1/auth/second-factor"
    begun = service.http.post(place, json={"current_password": given["password"]}, headers=bearer).json()["data"]
    code = {"code": pyotp.TOTP(begun["secret"]).now()}
    assert service.http.post(f"{place}/confirm", json=code, headers=bearer).status_code == 200
    assert service.http.post("/api/v1/auth/login", json=given).status_code == 401
    assert run(service, "users", "second-factor", email).output == f"{email} has no second factor any more\n"
    assert service.http.post("/api/v1/auth/login", json=given).status_code == 200


def test_a_password_is_asked_for_twice_and_not_shown(service: RunningService, email: str) -> None:
    asked = run(service, "users", "add", email, "--role", "analyst", given="a typed password\na typed password\n")
    assert asked.exit_code == 0
    assert "a typed password" not in asked.output


def test_the_role_is_asked_for(service: RunningService, email: str) -> None:
    # Another word is asked about again; nothing is taken for granted.
    typed = "\nboss\nanalyst\na typed password\na typed password\n"
    asked = run(service, "users", "add", email, given=typed)
    assert asked.exit_code == 0, asked.output
    assert asked.output.startswith("Role (admin, pricing_manager, analyst, user): ")
    assert asked.output.endswith(f"{email} can log in as analyst\n")


def test_a_lost_password_is_replaced(service: RunningService, email: str) -> None:
    run(service, "users", "add", email, "--role", "analyst", "--password-stdin", given="the first password\n")

    def log_in(password: str) -> httpx.Response:
        return service.http.post("/api/v1/auth/login", json={"email": email, "password": password})

    session = log_in("the first password").json()["data"]
    bearer = {"Authorization": f"Bearer {session['access_token']}"}
    while log_in("a forgotten password").status_code != 429:
        pass
    assert log_in("the first password").status_code == 429
    changed = run(service, "users", "password", email.upper(), given="a second password\na second password\n")
    assert changed.exit_code == 0, changed.output
    assert changed.output.endswith(f"{email} has a new password\n")
    assert "a second password" not in changed.output
    assert log_in("a second password").status_code == 200  # nobody waits for the attempts before
    assert log_in("the first password").status_code == 401
    until(lambda: service.http.get("/api/v1/auth/me", headers=bearer).status_code == 401, "the session has ended")
    refreshed = service.http.post("/api/v1/auth/refresh", json={"refresh_token": session["refresh_token"]})
    assert refreshed.status_code == 401
    row = next(row for row in service.audited(session["user"]["id"]) if row["action"] == "user.change")
    assert row["actor"].startswith("command line")
    same = run(service, "users", "password", email, "--password-stdin", given=email + "\n")
    assert (same.exit_code, same.output) == (1, "password must not be the e-mail address\n")


def test_no_password_is_taken_from_the_command_line(service: RunningService, email: str) -> None:
    for command in ("add", "password"):
        refused = run(service, "users", command, email, "--password", "on the command line")
        assert (refused.exit_code, "No such option" in refused.output) == (2, True)


def test_the_usual_limit_of_a_key_is_reported(service: RunningService) -> None:
    printed = " ".join(run(service, "keys", "add", "--help").output.split())
    limit = DEFAULT_RATE_LIMIT
    assert f"without it {limit.requests_per_second}, and {limit.burst} at once" in printed


@pytest.mark.parametrize(
    ("arguments", "given", "reported"),
    [
        (
            ("users", "add", "nobody", "--role", "user", "--password-stdin"),
            "long enough a password\n",
            "email is not an e-mail address",
        ),
        (("users", "add", "a@b.c", "--role", "user", "--password-stdin"), "short\n", "12 to 128 characters"),
        (("users", "add", "a@b.c", "--password-stdin"), "long enough a password\n", "--password-stdin needs --role"),
        (
            ("users", "password", "not-there@example.com", "--password-stdin"),
            "long enough a password\n",
            "no such user",
        ),
        (("users", "password", "a@b.c", "--password-stdin"), "short\n", "12 to 128 characters"),
        (("users", "deactivate", "not-there@example.com"), "", "no such user"),
        (("keys", "revoke", "qs_live_0000000000"), "", "no key qs_live_0000000000"),
        (("keys", "add", "shop", "--scope", "quote:read", "--burst", "5"), "", "--burst needs --requests-per-second"),
        (
            ("keys", "add", "shop", "--scope", "quote:read", "--requests-per-second", "5", "--unlimited"),
            "",
            "--unlimited",
        ),
        (("keys", "add", "shop", "--scope", "quote:read", "--expires-at", "2020-01-01"), "", "must be in the future"),
        (("keys", "add", "", "--scope", "quote:read"), "", "1 to 100 characters"),
    ],
)
def test_what_cannot_be_done_is_reported(
    service: RunningService, arguments: tuple[str, ...], given: str, reported: str
) -> None:
    refused = run(service, *arguments, given=given)
    assert refused.exit_code == 1
    assert reported in refused.output
    assert "Traceback" not in refused.output


def test_former_names_of_options_are_read_and_reported(service: RunningService) -> None:
    add = ("keys", "add", f"shop {uuid4().hex}", "--scope", "quote:read")
    made = run(service, *add, "--rate", "7", "--expires", "2099-01-01")
    assert made.exit_code == 0, made.output
    *reported, key = made.output.split("\n")[:-1]
    assert sorted(reported) == [
        "--expires is called --expires-at; the former name goes in 0.2.0",
        "--rate is called --requests-per-second; the former name goes in 0.2.0",
    ]
    (row,) = service.rows(
        "SELECT requests_per_second, burst, expires_at FROM api_keys WHERE prefix = $1", "_".join(key.split("_")[:3])
    )
    assert (row["requests_per_second"], row["burst"], row["expires_at"].year) == (7, 14, 2099)
    both = run(service, *add, "--rate", "7", "--requests-per-second", "8")
    assert (both.exit_code, "give one of them" in both.output) == (2, True)
    assert run(service, *add, "--rate", "none").exit_code == 2


def test_without_a_database_there_is_a_word_and_no_trace() -> None:
    for url, reported in (("", "DATABASE_URL is required"), ("postgresql://127.0.0.1:1/x", "cannot be reached")):
        refused = run_on(url, "keys", "list")
        assert refused.exit_code == 1
        assert reported in refused.output


def test_a_key_is_made_listed_and_revoked(service: RunningService) -> None:
    name = f"shop {uuid4().hex}"
    made = run(
        service, "keys", "add", name, "--scope", "quote:write", "--scope", "quote:read", "--requests-per-second", "7"
    )
    assert made.exit_code == 0
    key = made.output.strip()
    prefix = "_".join(key.split("_")[:3])
    ring = service.parts[Credentials].ring
    until(lambda: ring.caller_of_key(key.encode(), now_us()) is not None, "the key is known")
    caller = ring.caller_of_key(key.encode(), now_us())
    assert caller is not None
    assert caller.rate_limit is not None
    assert (caller.rate_limit.requests_per_second, caller.rate_limit.burst) == (7, 14)
    assert f"{prefix}\t{name}\tquote:read,quote:write\tactive\n" in run(service, "keys", "list").output
    assert run(service, "keys", "revoke", prefix).output == f"{prefix} is revoked\n"
    assert f"{prefix}\t{name}\tquote:read,quote:write\trevoked\n" in run(service, "keys", "list").output
    until(lambda: ring.caller_of_key(key.encode(), now_us()) is None, "the key has ended")

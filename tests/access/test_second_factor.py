"""A second factor: set up, asked for, used once, recovered, reset, required.

Source: docs/spec/access.md#second-factor.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import jwt
import msgspec
import pyotp
import pytest

from quote_service.identity.model.second_factors import (
    RECOVERY_BITS,
    STEP_SECONDS,
    recovery_digest,
    step_of,
    write_recovery_code,
)
from quote_service.identity.operations.factors.reseal import reseal_factors
from quote_service.identity.operations.factors.second_factors import SecondFactors
from quote_service.platform.callers.access import ROLES
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Key, Settings
from quote_service.platform.settings.forms import check_role
from quote_service.platform.system.clock import now_us
from tests.access.conftest import JWT_KEYS
from tests.access.running import PASSWORD, Person, RunningService, code_of, running, until

AUTH = "/api/v1/auth"
FACTOR = f"{AUTH}/second-factor"


class App:
    """An authenticator app. Codes work once, so each next one is asked of the step after: the service takes one ahead."""

    def __init__(self, service: RunningService, user_id: str, secret: str) -> None:
        self._totp, self._service, self._user_id = pyotp.TOTP(secret), service, user_id

    def code(self) -> str:
        """A code that holds now, and was not used: what was used is forgotten, as if time had gone by."""
        self._service.rows("UPDATE second_factors SET last_step = 0 WHERE user_id = $1 RETURNING 1", self._user_id)
        return self._totp.now()


def log_in(service: RunningService, person: Person, password: str = PASSWORD) -> httpx.Response:
    return service.http.post(f"{AUTH}/login", json={"email": person.email, "password": password})


def challenge_of(service: RunningService, person: Person) -> str:
    refused = log_in(service, person)
    assert (refused.status_code, code_of(refused)) == (401, "second-factor-required")
    return str(refused.json()["challenge"])


def second(service: RunningService, challenge: str, code: str) -> httpx.Response:
    return service.http.post(f"{AUTH}/login/second-factor", json={"challenge": challenge, "code": code})


def enrolled(service: RunningService, person: Person) -> tuple[App, list[str]]:
    begun = service.http.post(FACTOR, json={"current_password": person.password}, headers=person.headers)
    assert begun.status_code == 200, begun.text
    assert begun.headers["cache-control"] == "no-store"
    app = App(service, person.id, begun.json()["data"]["secret"])
    on = service.http.post(f"{FACTOR}/confirm", json={"code": app.code()}, headers=person.headers)
    assert on.status_code == 200, on.text
    return app, on.json()["data"]["recovery_codes"]


def actions(service: RunningService, person: Person) -> list[str]:
    return [row["action"] for row in service.audited(person.id)]


def test_whoever_has_a_second_factor_gets_in_by_both(service: RunningService) -> None:
    person = service.new_person("analyst")
    assert log_in(service, person).status_code == 200
    begun = service.http.post(FACTOR, json={"current_password": PASSWORD}, headers=person.headers).json()["data"]
    uri = pyotp.parse_uri(begun["uri"])
    assert (uri.secret, uri.name, uri.issuer) == (begun["secret"], person.email, "Quote service")
    assert log_in(service, person).status_code == 200  # nothing has changed before it is confirmed
    wrong = service.http.post(f"{FACTOR}/confirm", json={"code": "000000"}, headers=person.headers)
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/code")
    app, codes = enrolled(service, person)
    shown = service.http.get(FACTOR, headers=person.headers).json()["data"]
    assert (shown["since"] is not None, shown["is_required"], shown["recovery_codes_left"]) == (True, False, 10)
    refused = log_in(service, person)
    assert refused.headers["www-authenticate"].startswith("Bearer")
    challenge = challenge_of(service, person)
    assert second(service, challenge, "000000").status_code == 401
    code = app.code()
    session = second(service, challenge, f" {code[:3]} {code[3:]} ")
    assert session.status_code == 200, session.text
    headers = {"Authorization": f"Bearer {session.json()['data']['access_token']}"}
    me = service.http.get(f"{AUTH}/me", headers=headers).json()["data"]
    assert me["second_factor_since"] == shown["since"]
    again = service.http.post(FACTOR, json={"current_password": PASSWORD}, headers=headers)
    assert (again.status_code, code_of(again)) == (409, "conflict")
    assert actions(service, person)[:2] == ["session.start", "second_factor.enrol"]
    kept = " ".join(row["line"] for row in service.rows("SELECT t::text AS line FROM audit_log AS t"))
    kept += " ".join(row["line"] for row in service.rows("SELECT t::text AS line FROM second_factors AS t"))
    for secret in (begun["secret"], *codes):
        assert secret not in kept


def test_a_code_works_once_also_for_many_at_once(service: RunningService) -> None:
    person = service.new_person("analyst")
    app, _ = enrolled(service, person)
    challenge, code = challenge_of(service, person), app.code()
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: second(service, challenge, code).status_code, range(6)))
    assert sorted(answers) == [200, 401, 401, 401, 401, 401]


def test_a_recovery_code_works_once_and_is_on_record(service: RunningService) -> None:
    person = service.new_person("analyst")
    app, codes = enrolled(service, person)
    assert len(set(codes)) == 10
    assert second(service, challenge_of(service, person), codes[0].upper().replace("-", " ")).status_code == 200
    assert second(service, challenge_of(service, person), codes[0]).status_code == 401
    assert actions(service, person)[:2] == ["session.start", "second_factor.recovery_code"]
    newer = service.http.post(f"{FACTOR}/recovery-codes", json={"code": app.code()}, headers=person.headers)
    assert newer.status_code == 200, newer.text
    assert second(service, challenge_of(service, person), codes[1]).status_code == 401
    assert second(service, challenge_of(service, person), newer.json()["data"]["recovery_codes"][1]).status_code == 200
    off = service.http.post(f"{FACTOR}/remove", json={"code": codes[2]}, headers=person.headers)
    assert (off.status_code, off.json()["errors"][0]["pointer"]) == (422, "/code")
    off = service.http.post(f"{FACTOR}/remove", json={"code": app.code()}, headers=person.headers)
    assert off.status_code == 204, off.text
    assert log_in(service, person).status_code == 200


def test_setting_it_up_takes_the_password(service: RunningService) -> None:
    person = service.new_person("user")
    for given in ({"current_password": "another password"}, {}, {"current_password": None}):
        refused = service.http.post(FACTOR, json=given, headers=person.headers)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/current_password")


def test_codes_are_throttled_with_the_passwords_of_the_account(service: RunningService) -> None:
    person = service.new_person("analyst")
    app, _ = enrolled(service, person)
    challenge = challenge_of(service, person)
    statuses = [second(service, challenge, "000000").status_code for _ in range(9)]
    assert statuses == [401] * 9
    refused = second(service, challenge, app.code())
    assert (refused.status_code, "retry-after" in refused.headers) == (429, True)
    assert log_in(service, person).status_code == 429  # a right password does not give attempts back before the code


def test_an_admin_resets_a_second_factor_that_is_lost(service: RunningService) -> None:
    person = service.new_person("pricing_manager")
    place = f"/api/v1/users/{person.id}/second-factor"
    assert service.http.delete(place, headers=service.as_role()).status_code == 404
    app, _ = enrolled(service, person)
    session = second(service, challenge_of(service, person), app.code()).json()["data"]
    challenge = challenge_of(service, person)
    assert service.http.delete(place, headers=service.as_role()).status_code == 204
    assert log_in(service, person).status_code == 200
    assert second(service, challenge, app.code()).status_code == 401  # what was begun before has ended
    renewed = service.http.post(f"{AUTH}/refresh", json={"refresh_token": session["refresh_token"]})
    assert renewed.status_code == 401
    headers = {"Authorization": f"Bearer {session['access_token']}"}
    until(lambda: service.http.get(f"{AUTH}/me", headers=headers).status_code == 401, "the token has ended")
    row = next(row for row in service.audited(person.id) if row["action"] == "second_factor.reset")
    assert row["actor"] == service.people["admin"].id
    assert (row["before"]["second_factor_since"] is None, row["after"]["second_factor_since"]) == (False, None)


def forged(claims: dict[str, Any], typ: str = "second-factor+jwt", secret: bytes = JWT_KEYS[0].secret) -> str:
    return jwt.encode(claims, secret, algorithm="HS256", headers={"kid": JWT_KEYS[0].kid, "typ": typ})


def test_a_challenge_is_good_for_its_own_step_alone(service: RunningService) -> None:
    person = service.new_person("analyst")
    app, _ = enrolled(service, person)
    challenge = challenge_of(service, person)
    me = service.http.get(f"{AUTH}/me", headers={"Authorization": f"Bearer {challenge}"})
    assert me.status_code == 401
    claims = jwt.decode(challenge, options={"verify_signature": False})
    unsigned = jwt.encode(claims, None, algorithm="none", headers={"kid": "new", "typ": "second-factor+jwt"})  # type: ignore[arg-type]
    wrong = [
        person.token,
        unsigned,
        forged(claims, typ="at+jwt"),
        forged(claims, secret=b"x" * 32),
        forged({**claims, "exp": now_us() // 1_000_000 - 1}),
        forged({**claims, "exp": "9999999999"}),
        forged({**claims, "for": "enrolment"}),
        forged({**claims, "gen": claims["gen"] - 1}),
        forged({**claims, "aud": "quote-service-api"}),
        forged({**claims, "sub": 5}),
        forged({name: value for name, value in claims.items() if name != "for"}),
        "nothing",
    ]
    for each in wrong:
        refused = second(service, each, app.code())
        assert (refused.status_code, code_of(refused)) == (401, "unauthorized"), refused.text
    assert second(service, forged(claims), app.code()).status_code == 200


@pytest.fixture(scope="module")
def strict(settings: Settings) -> Iterator[RunningService]:
    """A worker that lets no analyst in without a second factor."""
    with running(msgspec.structs.replace(settings, second_factor_roles=("analyst",))) as started:
        yield started


def test_a_role_that_requires_one_lets_nobody_in_without(service: RunningService, strict: RunningService) -> None:
    person, other = service.new_person("analyst"), service.new_person("pricing_manager")
    before = log_in(service, person).json()["data"]
    refused = log_in(strict, person)
    assert (refused.status_code, code_of(refused)) == (403, "second-factor-missing")
    assert "challenge" not in refused.json()
    assert log_in(strict, other).status_code == 200
    renewed = strict.http.post(f"{AUTH}/refresh", json={"refresh_token": before["refresh_token"]})
    assert renewed.status_code == 401
    app, _ = enrolled(service, person)
    assert strict.http.get(FACTOR, headers=person.headers).json()["data"]["is_required"] is True
    assert second(strict, challenge_of(strict, person), app.code()).status_code == 200
    kept = strict.http.post(f"{FACTOR}/remove", json={"code": app.code()}, headers=person.headers)
    assert (kept.status_code, code_of(kept)) == (409, "conflict")


def test_secrets_follow_the_key_that_signs(service: RunningService, settings: Settings) -> None:
    person = service.new_person("analyst")
    app, _ = enrolled(service, person)
    newer = (Key("newest", b"y" * 16 + b"0123456789abcdef"), *JWT_KEYS)

    async def seal(database: Database) -> int:
        return await reseal_factors(database, SecondFactors(newer).seal)

    assert service.in_database(seal) >= 1
    assert service.in_database(seal) == 0
    with running(msgspec.structs.replace(settings, jwt_keys=newer[:1])) as later:
        assert second(later, challenge_of(later, person), app.code()).status_code == 200
    assert second(service, challenge_of(service, person), app.code()).status_code == 401  # has not the key


def test_a_code_holds_a_step_to_either_side_and_never_again() -> None:
    totp = pyotp.TOTP(pyotp.random_base32())
    now = 1_800_000_000
    step = now // STEP_SECONDS
    for away, holds in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        found = step_of(totp.generate_otp(step + away), now * 1_000_000, 0, totp.generate_otp)
        assert (found == step + away) is holds, away
    code = totp.generate_otp(step)
    assert step_of(code, now * 1_000_000, step - 1, totp.generate_otp) == step
    assert step_of(code, now * 1_000_000, step, totp.generate_otp) is None
    assert step_of("", now * 1_000_000, 0, totp.generate_otp) is None
    assert step_of("١٢٣٤٥٦", now * 1_000_000, 0, totp.generate_otp) is None


def test_recovery_codes_are_read_however_they_are_written() -> None:
    code = write_recovery_code((1 << RECOVERY_BITS) - 1)
    assert code == "9999-9999-9999-9999"
    assert len({write_recovery_code(1 << bit) for bit in range(RECOVERY_BITS)}) == RECOVERY_BITS
    assert recovery_digest(" ABCD efgh-jkmn-pqrs ") == recovery_digest("abcd-efgh-jkmn-pqrs")


def test_settings_know_the_roles_there_are() -> None:
    for role in ROLES:
        check_role(role)
    with pytest.raises(ValueError, match="not a role"):
        check_role("root")

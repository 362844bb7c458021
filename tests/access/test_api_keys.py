"""API keys over HTTP.

Source: docs/spec/access.md#callers.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from quote_service.identity.loops.access_watch import write_uses
from quote_service.identity.operations.credentials import Credentials
from quote_service.identity.operations.keys.key_ring import KeyRing
from quote_service.platform.callers.access import Caller
from quote_service.platform.callers.api_keys import checksum_holds, key_digest
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from tests.access.running import RunningService, code_of, running, until

KEYS = "/api/v1/api-keys"


def made(service: RunningService, **fields: Any) -> dict[str, Any]:
    body = {"name": f"shop {uuid4().hex[:8]}", "scopes": ["quote:write"], **fields}
    answer = service.http.post(KEYS, json=body, headers=service.as_role())
    assert answer.status_code == 201, answer.text
    return {**answer.json()["data"], "etag": answer.headers["etag"], "location": answer.headers["location"]}


def known(service: RunningService, key: str) -> Caller | None:
    return service.parts[Credentials].ring.caller_of_key(key.encode(), now_us())


def test_a_key_is_shown_once_and_kept_as_a_hash(service: RunningService) -> None:
    key = made(service)
    assert key["key"].startswith(key["prefix"] + "_")
    assert key["prefix"].startswith("qs_dev_")
    assert checksum_holds(key["key"].encode())
    shown = service.http.get(key["location"], headers=service.as_role())
    assert "key" not in shown.json()["data"]
    secret = key["key"].removeprefix(key["prefix"] + "_")
    for table in ("api_keys", "audit_log", "idempotency_keys"):
        for row in service.rows(f"SELECT t::text AS line FROM {table} AS t"):
            assert secret not in row["line"]
    (row,) = service.rows("SELECT key_hash FROM api_keys WHERE id = $1", key["id"])
    assert row["key_hash"] == key_digest(key["key"].encode())


def test_a_key_carries_its_scopes_and_its_own_limit(service: RunningService) -> None:
    limited = made(service, rate_limit={"requests_per_second": 5, "burst": 9}, scopes=["quote:read", "quote:write"])
    unlimited = made(service, rate_limit=None)
    usual = made(service)
    until(lambda: known(service, usual["key"]) is not None, "the keys are known")
    caller = known(service, limited["key"])
    assert caller is not None
    assert caller.rate_limit is not None
    assert (caller.rate_limit.requests_per_second, caller.rate_limit.burst) == (5, 9)
    assert caller.scopes == {"quote:read", "quote:write"}
    assert caller.roles == frozenset()
    assert known(service, unlimited["key"]).rate_limit is None  # type: ignore[union-attr]
    assert usual["rate_limit"] == {"requests_per_second": 100, "burst": 200}


@pytest.mark.parametrize(
    ("fields", "pointers"),
    [
        ({"name": ""}, ["/name"]),
        ({"scopes": []}, ["/scopes"]),
        ({"scopes": ["quote:write", "admin"]}, ["/scopes/1"]),
        ({"rate_limit": {"requests_per_second": 0, "burst": 1}}, ["/rate_limit/requests_per_second"]),
        ({"rate_limit": {"burst": 1}}, ["/rate_limit/requests_per_second"]),
        ({"expires_at": "2030-01-01T00:00:00"}, ["/expires_at"]),
        ({"expires_at": "2020-01-01T00:00:00Z"}, ["/expires_at"]),
        ({"scope": ["quote:write"]}, ["/scope"]),
        ({"name": "", "scopes": 5}, ["/name", "/scopes"]),
        ({"name": "x'; DROP TABLE api_keys; --\x00"}, ["/name"]),
    ],
)
def test_what_cannot_be_a_key_is_named_by_field(
    service: RunningService, fields: dict[str, Any], pointers: list[str]
) -> None:
    body = {"name": "shop", "scopes": ["quote:write"], **fields}
    answer = service.http.post(KEYS, json=body, headers=service.as_role())
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers


def test_a_revoked_key_ends_on_every_worker(service: RunningService, settings: Settings) -> None:
    with running(settings) as other:
        key = made(service)
        for worker in (service, other):
            until(lambda worker=worker: known(worker, key["key"]) is not None, "the key is known")  # type: ignore[misc]
        revoked = service.http.delete(key["location"], headers=service.as_role())
        assert revoked.status_code == 204
        for worker in (service, other):
            until(lambda worker=worker: known(worker, key["key"]) is None, "the key has ended")  # type: ignore[misc]
    again = service.http.get(key["location"], headers=service.as_role()).json()["data"]
    assert again["revoked_at"] is not None
    assert service.http.delete(key["location"], headers=service.as_role()).status_code == 204
    refused = service.http.patch(key["location"], json={"name": "back"}, headers=service.as_role())
    assert (refused.status_code, code_of(refused)) == (409, "conflict")


def test_a_key_ends_at_its_expiry_without_any_refresh() -> None:
    ring, key = KeyRing(), b"qs_dev_0123456789_secret"
    caller = Caller(kind="key", id="1", name="qs_dev_0123456789", expires_at_us=1_000)
    ring.replace([(key_digest(key), caller)], {}, 1)
    assert ring.caller_of_key(key, 999) is caller
    assert ring.caller_of_key(key, 1_000) is None


def test_unknown_keys_leave_nothing_behind() -> None:
    ring = KeyRing()
    ring.replace([], {}, 1)
    for number in range(1000):
        assert ring.caller_of_key(f"qs_dev_{number}".encode(), 0) is None
    assert ring.caller_of_key(b"x" * 1_000_000, 0) is None
    assert ring.take_used() == []
    assert all(len(getattr(ring, name)) == 0 for name in ("_callers", "_generations", "_used"))


def test_the_last_use_is_written_without_a_new_version(service: RunningService) -> None:
    key = made(service)
    ring = KeyRing()
    ring.replace([(key_digest(key["key"].encode()), Caller(kind="key", id=key["id"], name="x"))], {}, 1)
    for _ in range(3):
        assert ring.caller_of_key(key["key"].encode(), now_us()) is not None
    service.in_database(lambda database: write_uses(database, ring))
    assert ring.take_used() == []
    shown = service.http.get(key["location"], headers=service.as_role())
    assert shown.json()["data"]["last_used_at"] is not None
    assert shown.headers["etag"] == key["etag"]


def test_a_change_needs_the_version_that_was_read(service: RunningService) -> None:
    key, admin = made(service), service.as_role()
    changed = service.http.patch(key["location"], json={"name": "one"}, headers={**admin, "If-Match": key["etag"]})
    assert changed.status_code == 200
    assert changed.headers["etag"] != key["etag"]
    for stale in (key["etag"], '"x"', f"W/{changed.headers['etag']}", "x", '"', ""):
        for method, body in (("PATCH", b'{"name":"two"}'), ("DELETE", None)):
            headers = {**admin, "If-Match": stale, **({"Content-Type": "application/json"} if body else {})}
            refused = service.http.request(method, key["location"], content=body, headers=headers)
            assert (refused.status_code, code_of(refused)) == (412, "precondition-failed"), stale
    assert service.http.get(key["location"], headers=admin).json()["data"]["name"] == "one"
    for good in (f'"x", {changed.headers["etag"]}', "*"):
        again = service.http.patch(key["location"], json={"name": "one"}, headers={**admin, "If-Match": good})
        assert again.status_code == 200
    assert service.http.delete(f"{KEYS}/{uuid4()}", headers={**admin, "If-Match": "*"}).status_code == 404


def test_a_patch_changes_what_it_names_and_is_audited(service: RunningService) -> None:
    key, admin = made(service, rate_limit={"requests_per_second": 5, "burst": 9}), service.as_role()
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    patched = service.http.patch(
        key["location"],
        json={"scopes": ["rates:write", "rates:write"], "expires_at": later, "rate_limit": None},
        headers={**admin, "X-Request-ID": "patch-1"},
    ).json()["data"]
    assert patched["scopes"] == ["rates:write"]
    assert patched["rate_limit"] is None
    assert patched["name"] == key["name"]
    change, creation = service.audited(key["id"])
    assert (creation["action"], creation["before"]) == ("api_key.create", None)
    assert (change["action"], change["request_id"]) == ("api_key.change", "patch-1")
    assert change["actor"] == service.people["admin"].id
    assert change["before"]["scopes"] == ["quote:write"]
    assert change["after"]["scopes"] == ["rates:write"]
    nothing = service.http.patch(key["location"], json={}, headers=admin)
    assert nothing.json()["data"]["version"] == patched["version"]
    assert len(service.audited(key["id"])) == 2


def test_lists_page_by_cursor(service: RunningService) -> None:
    name = f"page {uuid4().hex}"
    ids = [made(service, name=name)["id"] for _ in range(5)]
    found: list[str] = []
    query: dict[str, Any] = {"name": name, "limit": 2}
    while True:
        page = service.http.get(KEYS, params=query, headers=service.as_role()).json()
        found += [row["id"] for row in page["data"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert found == ids
    service.http.delete(f"{KEYS}/{ids[0]}", headers=service.as_role())
    left = service.http.get(KEYS, params={"name": name, "is_revoked": "false"}, headers=service.as_role()).json()
    assert [row["id"] for row in left["data"]] == ids[1:]
    for bad in ({"limit": 0}, {"cursor": "x"}, {"nmae": "x"}, {"is_revoked": "perhaps"}):
        assert service.http.get(KEYS, params=bad, headers=service.as_role()).status_code == 422

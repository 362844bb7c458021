"""Machines administer with API keys: what a scope opens, who the author is then, and that nobody grants what he may not do.

Source: docs/spec/access.md#callers; docs/spec/wire.md#concurrent-changes-and-repeats.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import msgspec
import pytest

from quote_service.identity.operations.credentials import Credentials
from quote_service.identity.operations.keys.create_api_key import create_api_key
from quote_service.platform.callers.access import ROLES, SCOPES
from quote_service.platform.callers.api_keys import ApiKeyDraft
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.migrate import migrate, migrations_folder
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Invalid
from quote_service.routes import ROUTERS
from quote_service.rulebook.feature_flags.routes.examples import DRAFT as FLAG
from quote_service.rulebook.pricing_rules.routes.answers import DRAFT_EXAMPLE as RULE
from tests.access.routes import rules_of_app
from tests.access.running import RunningService, code_of
from tests.catalog.shop import a_product
from tests.commission_rates.rates import a_rate
from tests.conftest import MakeDatabase
from tests.flash_sales.sales import a_sale

RULES = rules_of_app(ROUTERS)


class Subject(NamedTuple):
    """What a scope administers: where, a document for it, and what of it another request changes."""

    scope: str
    path: str
    draft: dict[str, Any]
    change: dict[str, Any]


def plain(example: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """An example of the description as JSON shows it."""
    return {**msgspec.json.decode(msgspec.json.encode(example)), **fields}


COMPETITOR = {"name": f"rival {uuid4().hex}"}
SUBJECTS = [
    Subject("rates:write", "/api/v1/commission-rates", a_rate(), {"rate": 13}),
    Subject("rules:write", "/api/v1/pricing-rules", plain(RULE, name=f"rule {uuid4().hex}"), {"priority": 7}),
    Subject("flags:write", "/api/v1/feature-flags", plain(FLAG, key=f"flag_{uuid4().hex}"), {"description": "another"}),
    Subject("catalog:write", "/api/v1/products", a_product(), {"name": "another name"}),
    Subject("competitors:write", "/api/v1/competitors", COMPETITOR, {"notes": "another"}),
    Subject("sales:write", "/api/v1/flash-sales", a_sale(), {"name": "another name"}),
]


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.scope)
def test_a_machine_writes_and_is_named_as_the_author(service: RunningService, subject: Subject) -> None:
    key, other = ({"X-API-Key": service.new_key(subject.scope)} for _ in range(2))
    idempotent = {"Idempotency-Key": uuid4().hex}
    made = service.http.post(subject.path, json=subject.draft, headers={**key, **idempotent})
    assert made.status_code == 201, made.text
    again = service.http.post(subject.path, json=subject.draft, headers={**key, **idempotent})
    assert (again.content, again.headers.get("idempotent-replayed")) == (made.content, "true")
    another = service.http.post(subject.path, json=subject.draft, headers={**other, **idempotent})
    assert "idempotent-replayed" not in another.headers  # a key of idempotency belongs to its caller
    place, (key_id, prefix) = made.headers["location"], known(service, key)
    read = service.http.get(place, headers=other)
    assert read.status_code == 200
    assert read.json()["data"]["created_by"] == key_id
    assert service.http.get(subject.path, headers=other).status_code == 200
    draft = {**subject.draft, **subject.change}
    stale = service.http.put(place, json=draft, headers={**key, "If-Match": '"stale"'})
    assert (stale.status_code, code_of(stale)) == (412, "precondition-failed")
    changed = service.http.put(place, json=draft, headers={**key, "If-Match": read.headers["etag"]})
    assert changed.status_code == 200, changed.text
    rows = service.http.get("/api/v1/audit", params={"actor": key_id}, headers=service.as_role()).json()["data"]
    assert len(rows) == 2
    assert {(row["actor"], row["actor_kind"]) for row in rows} == {(key_id, "key")}
    assert prefix.startswith("qs_dev_")


def known(service: RunningService, headers: dict[str, str]) -> tuple[str, str]:
    """The id and the readable prefix of the key in some headers."""
    caller = service.parts[Credentials].ring.caller_of_key(headers["X-API-Key"].encode(), now_us())
    assert caller is not None
    return caller.id, caller.name


def test_reports_are_read_and_nothing_is_written_or_personal() -> None:
    opened = {(rule.method, rule.path) for rule in RULES if any("reports:read" in scopes for scopes in rule.scopes)}
    # What is only worked out, of a body that is more than a query holds; a replay is kept a day, and can be called off.
    tried = {
        ("POST", "/api/v1/quotes/simulate"),
        ("POST", "/api/v1/rulebook/check"),
        ("POST", "/api/v1/campaigns/simulate"),
        ("POST", "/api/v1/campaigns/{campaign_id}/simulate"),
        ("POST", "/api/v1/products/prices"),
        ("POST", "/api/v1/feature-flags/{flag_id}/preview"),
        ("POST", "/api/v1/change-sets/{set_id}/check"),
        ("POST", "/api/v1/decisions/what-if"),
        ("POST", "/api/v1/change-sets/{set_id}/simulate"),
        ("POST", "/api/v1/change-sets/{set_id}/replay"),
        ("POST", "/api/v1/analytics/replay"),
        ("DELETE", "/api/v1/analytics/replay/{replay_id}"),
    }
    assert tried < opened
    assert {method for method, _ in opened - tried} == {"GET"}
    assert all("analyst" in rule.roles for rule in RULES if "reports:read" in rule.scopes)
    for place in ("users", "api-keys", "audit", "auth", "purchases", "customers"):
        assert not [path for _, path in opened if f"/{place}" in path]


@pytest.mark.parametrize("scope", SCOPES)
def test_every_scope_opens_something(scope: str) -> None:
    assert [rule for rule in RULES if scope in rule.scopes]


def test_who_grants_a_scope_may_do_all_that_it_opens() -> None:
    """Keys are made by those whom the routes of keys let in, and no key makes keys."""
    (making,) = (rule for rule in RULES if (rule.method, rule.path) == ("POST", "/api/v1/api-keys"))
    (changing,) = (rule for rule in RULES if (rule.method, rule.path) == ("PATCH", "/api/v1/api-keys/{key_id}"))
    assert not making.scopes | changing.scopes
    assert making.roles | changing.roles < set(ROLES)
    for rule in RULES:
        assert not rule.scopes or making.roles | changing.roles <= rule.roles, rule.row


def test_a_pricing_manager_grants_nothing(service: RunningService) -> None:
    draft = {"name": "mine", "scopes": ["rates:write"]}
    refused = service.http.post("/api/v1/api-keys", json=draft, headers=service.as_role("pricing_manager"))
    assert (refused.status_code, code_of(refused)) == (403, "forbidden")


@pytest.mark.parametrize("scope", ["telemetry:read", "order:read"])
def test_a_scope_that_opens_nothing_is_not_offered(service: RunningService, scope: str) -> None:
    draft = {"name": "sleeper", "scopes": ["quote:read", scope]}
    refused = service.http.post("/api/v1/api-keys", json=draft, headers=service.as_role())
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/scopes/1"


def test_the_database_takes_every_scope_there_is_and_no_other(service: RunningService) -> None:
    assert service.new_key(*SCOPES)
    with pytest.raises(Invalid):  # as every violated CHECK is told
        service.rows("UPDATE api_keys SET scopes = ARRAY['admin'] RETURNING id")


async def test_scopes_that_opened_nothing_go_from_keys_made_before(
    new_empty_database_url: MakeDatabase, tmp_path: Path
) -> None:
    url, before = new_empty_database_url(), tmp_path / "before"
    before.mkdir()
    for file in migrations_folder().glob("*.sql"):
        # The log as this release writes it: a key of before is made by the operation of now.
        if file.name < "0045_api_key_scopes.sql" or file.name == "0102_audit_change_sets.sql":
            (before / file.name).write_bytes(file.read_bytes())
    await migrate(url, before)
    database = await Database.open(url)
    ids = {}
    given = {
        "both": ["order:write", "quote:read"],
        "sleeper": ["telemetry:write", "order:write"],
        "good": ["quote:read"],
    }
    for name, scopes in given.items():
        async with database.transaction() as connection:
            draft = ApiKeyDraft(name=name, scopes=scopes)  # type: ignore[arg-type]
            ids[name] = (
                await create_api_key(Change.within(connection, change_by_system("test", now_us())), draft, "live")
            ).id
    await migrate(url)
    async with database.read() as connection:
        rows = {row["name"]: row for row in await connection.fetch("SELECT * FROM api_keys")}
        reported = await connection.fetch("SELECT action, object_id FROM audit_log WHERE actor = 'migration 0045'")
    await database.close()
    assert rows["both"]["scopes"] == ["quote:read"]
    assert [name for name, row in rows.items() if row["revoked_at"] is not None] == ["sleeper"]
    assert rows["good"]["version"] == 1
    assert {(row["action"], UUID(row["object_id"])) for row in reported} == {
        ("api_key.change", UUID(ids["both"])),
        ("api_key.revoke", UUID(ids["sleeper"])),
    }

"""The admin and the key of `quote-service dev`: the same at every start, and made again where they no longer hold.

Source: docs/spec/operations.md#development.
"""

from __future__ import annotations

from quote_service.identity.operations.credentials import Credentials
from quote_service.identity.operations.provision_development import DevelopmentAccess, provision_development
from quote_service.platform.callers.access import SCOPES
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.clock import now_us
from tests.access.running import RunningService, until


def provision(service: RunningService, known: DevelopmentAccess | None) -> DevelopmentAccess:
    credentials = service.parts[Credentials]

    async def work(database: Database) -> DevelopmentAccess:
        return await provision_development(
            database,
            credentials.tokens,
            credentials.passwords,
            known_password=None if known is None else known.admin_password,
            known_api_key=None if known is None else known.api_key,
            at_us=now_us(),
        )

    return service.in_database(work)


def holds(service: RunningService, access: DevelopmentAccess) -> None:
    body = {"email": access.admin_email, "password": access.admin_password}
    session = service.http.post("/api/v1/auth/login", json=body)
    assert session.status_code == 200
    bearer = {"Authorization": f"Bearer {access.admin_token}"}
    assert service.http.get("/api/v1/users", headers=bearer).status_code == 200
    ring = service.parts[Credentials].ring
    until(lambda: ring.caller_of_key(access.api_key.encode(), now_us()) is not None, "the key is known")
    caller = ring.caller_of_key(access.api_key.encode(), now_us())
    assert caller is not None
    assert caller.rate_limit is None
    assert len(caller.scopes) == len(SCOPES)
    claims = service.parts[Credentials].tokens.read(access.admin_token.encode(), now_us())
    assert claims.expires_at_us > now_us() + 29 * 24 * 3600 * 1_000_000


def test_each_start_gives_the_same_until_it_no_longer_holds(service: RunningService) -> None:
    first = provision(service, None)
    holds(service, first)
    again = provision(service, first)
    assert (again.admin_password, again.api_key) == (first.admin_password, first.api_key)
    holds(service, again)
    keys = service.rows("SELECT id FROM api_keys WHERE name = 'development'")
    assert len(keys) == 1

    bearer = {"Authorization": f"Bearer {again.admin_token}"}
    assert service.http.delete(f"/api/v1/api-keys/{keys[0]['id']}", headers=bearer).status_code == 204
    lost = provision(service, None)  # the data directory's file is gone, and the key was revoked
    assert lost.admin_password != first.admin_password
    assert lost.api_key != first.api_key
    holds(service, lost)
    until(lambda: service.http.get("/api/v1/users", headers=bearer).status_code == 401, "the old token has ended")

    service.as_role()
    (admin,) = service.rows("SELECT id FROM users WHERE email = $1", lost.admin_email)
    assert service.http.delete(f"/api/v1/users/{admin['id']}", headers=service.as_role()).status_code == 204
    holds(service, provision(service, lost))

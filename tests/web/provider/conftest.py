"""A worker whose people sign in with a provider of OpenID Connect, in the roles that it gives."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from quote_service.platform.settings import Settings
from tests.access.running import RunningService, running
from tests.fixtures.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider, identity_provider
from tests.web.signing_in import Visitor

ROLES = ("pricing=pricing_manager", "insight=analyst", "boss=admin")


@pytest.fixture(scope="module")
def at() -> Iterator[IdentityProvider]:
    """The provider."""
    with identity_provider() as started:
        yield started


@pytest.fixture(autouse=True)
def nothing_bent(at: IdentityProvider) -> None:
    at.reset()


@pytest.fixture(scope="module")
def sso(service: RunningService, at: IdentityProvider) -> Iterator[RunningService]:
    """A worker whose people sign in with the provider, in the roles that it gives."""
    settings = msgspec.structs.replace(
        service.parts[Settings],
        oidc_issuer=at.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
        oidc_name="Acme",
        oidc_role_claim="groups",
        oidc_roles=ROLES,
    )
    with running(settings) as started:
        yield started


@pytest.fixture
def visitor(sso: RunningService) -> Iterator[Visitor]:
    made = Visitor(sso)
    yield made
    made.http.close()

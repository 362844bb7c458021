"""What is believed of a provider, and which roles its claims give. Source: docs/spec/access.md#sign-in-provider."""

from __future__ import annotations

from typing import Any

import pytest

from quote_service.identity.model.identities import ProviderTerms, read_roles, role_of
from quote_service.identity.operations.provider.sign_in_provider import SignInProvider
from quote_service.platform.outbound.addresses import Networks
from quote_service.platform.settings.environment import SettingsRefused, production_faults, read_settings
from quote_service.platform.system.errors import Unavailable
from tests.fixtures.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider
from tests.web.provider.conftest import ROLES


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://elsewhere.example"},
        {"token_endpoint": "file:///etc/passwd"},
        {"authorization_endpoint": None},
        {"jwks_uri": "http://169.254.169.254/keys"},
    ],
)
async def test_a_description_that_leads_elsewhere_is_not_followed(at: IdentityProvider, change: dict[str, Any]) -> None:
    at.bend_description = lambda description: {**description, **change}
    terms = ProviderTerms(at.issuer, CLIENT_ID, CLIENT_SECRET, "Acme", "groups", {})
    provider = SignInProvider(terms, None, Networks())  # type: ignore[arg-type]  # no browser comes back here
    with pytest.raises(Unavailable):
        await provider._published()
    await provider.aclose()


def test_roles_come_from_claims_by_name_or_path() -> None:
    roles = read_roles((*ROLES, "*=user"))
    terms = ProviderTerms("https://login.example", "x", "", "", "realm.roles", roles)
    cases: list[tuple[Any, str]] = [
        ({"realm": {"roles": ["insight", "boss"]}}, "admin"),
        ({"realm.roles": ["insight"], "realm": {"roles": ["boss"]}}, "analyst"),
        ({"realm": {"roles": "insight"}}, "analyst"),
        ({"realm": {"roles": [5, ["boss"], None]}}, "user"),
        ({"realm": ["boss"]}, "user"),
        ({}, "user"),
    ]
    for claims, role in cases:
        assert role_of(claims, terms) == role, claims


def test_settings_of_a_provider_are_checked_before_the_start() -> None:
    good = {"QUOTE_OIDC_ISSUER": "https://login.example/realm", "QUOTE_OIDC_ROLES": "a=admin, b=c=user"}
    faults = {fault.variable for fault in production_faults(read_settings(good))}
    assert {"QUOTE_OIDC_CLIENT_ID", "QUOTE_PUBLIC_URL"} <= faults
    assert read_roles(read_settings(good).oidc_roles) == {"a": "admin", "b=c": "user"}
    for variable, value in (
        ("QUOTE_OIDC_ISSUER", "http://login.example"),
        ("QUOTE_OIDC_ISSUER", "login.example"),
        ("QUOTE_OIDC_ISSUER", "https://login.example?x=1"),
        ("QUOTE_OIDC_ROLES", "a=root"),
        ("QUOTE_OIDC_ROLES", "admin"),
        ("QUOTE_PUBLIC_URL", "https://shop.example/"),
    ):
        with pytest.raises(SettingsRefused, match=variable):
            read_settings({variable: value})

"""Who may log in, how and for how long."""

from typing import Annotated

from quote_service.platform.settings.fields.pricing import PricingSettings
from quote_service.platform.settings.fields.variable import Words, variable
from quote_service.platform.settings.keys import Keys


class AccessSettings(PricingSettings, frozen=True, kw_only=True):
    jwt_keys: Annotated[
        Keys, variable("QUOTE_JWT_KEYS", "sign access tokens: kid:base64secret,...; the first signs", secret=True)
    ] = ()
    signing_keys: Annotated[
        Keys, variable("QUOTE_SIGNING_KEYS", "sign quotes (HMAC-SHA-256): kid:base64secret,...", secret=True)
    ] = ()
    receipt_keys: Annotated[
        Keys,
        variable("QUOTE_RECEIPT_KEYS", "sign receipts (Ed25519, seeds of 32 bytes): kid:base64seed,...", secret=True),
    ] = ()

    access_token_seconds: Annotated[
        int, variable("QUOTE_ACCESS_TOKEN_SECONDS", "life of an access token", ge=60, le=86_400)
    ] = 900
    refresh_token_seconds: Annotated[
        int,
        variable(
            "QUOTE_REFRESH_TOKEN_SECONDS",
            "life of a refresh token; at least that of an access token",
            ge=60,
            le=366 * 86_400,
        ),
    ] = 14 * 86_400
    page_session_seconds: Annotated[
        int, variable("QUOTE_PAGE_SESSION_SECONDS", "life of a session in the pages", ge=60, le=14 * 86_400)
    ] = 12 * 3600
    page_unused_seconds: Annotated[
        int, variable("QUOTE_PAGE_UNUSED_SECONDS", "life of a session in the pages that is not used", ge=60, le=86_400)
    ] = 1800
    login_window_seconds: Annotated[
        int, variable("QUOTE_LOGIN_WINDOW_SECONDS", "how long attempts to log in are counted", ge=10, le=86_400)
    ] = 900
    login_attempts_account: Annotated[
        int,
        variable("QUOTE_LOGIN_ATTEMPTS_ACCOUNT", "attempts to log in to one account; past that 429", ge=3, le=1000),
    ] = 10
    login_attempts_address: Annotated[
        int,
        variable(
            "QUOTE_LOGIN_ATTEMPTS_ADDRESS", "attempts to log in from one address; past that 429", ge=3, le=1_000_000
        ),
    ] = 100
    second_factor_roles: Annotated[
        Words,
        variable(
            "QUOTE_SECOND_FACTOR_ROLES",
            "roles that cannot log in without a second factor, comma-separated; empty: none",
        ),
    ] = ()
    oidc_issuer: Annotated[
        str,
        variable("QUOTE_OIDC_ISSUER", "OpenID Connect provider that people sign in with, https://...; empty: none"),
    ] = ""
    oidc_client_id: Annotated[str, variable("QUOTE_OIDC_CLIENT_ID", "what the provider knows this service by")] = ""
    oidc_client_secret: Annotated[
        str, variable("QUOTE_OIDC_CLIENT_SECRET", "secret of that client; empty for a public one", secret=True)
    ] = ""
    oidc_name: Annotated[
        str, variable("QUOTE_OIDC_NAME", "the provider's name on the sign-in page; empty: its host", max_length=60)
    ] = ""
    oidc_role_claim: Annotated[
        str,
        variable(
            "QUOTE_OIDC_ROLE_CLAIM",
            "claim that roles come from, such as `groups` or `realm_access.roles`; empty: roles stay",
        ),
    ] = ""
    oidc_roles: Annotated[
        Words,
        variable("QUOTE_OIDC_ROLES", "roles by value of that claim: `team=admin,*=analyst`; `*` is everybody"),
    ] = ()
    reset_link_seconds: Annotated[
        int,
        variable("QUOTE_RESET_LINK_SECONDS", "life of a link by which a new password is set", ge=60, le=7 * 86_400),
    ] = 3600

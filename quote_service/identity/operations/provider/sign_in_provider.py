"""The provider: what it says of itself, and a code exchanged for who somebody is.

Everything goes through the client that connects to public addresses only. What has the origin of the issuer may stand anywhere:
whoever set the issuer meant that server.

Source: docs/spec/access.md#sign-in-provider; OpenID Connect Discovery 1.0; RFC 6749; RFC 9207.
"""

import base64
import time
from collections import deque
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import jwt
import msgspec
import structlog

from quote_service.identity.model.identities import ProvenIdentity, ProviderTerms, proven_identity, read_roles
from quote_service.identity.operations.provider.flows import Flow, Flows
from quote_service.identity.operations.provider.id_tokens import IdTokenRefused, UnknownKey, read_id_token, read_keys
from quote_service.platform.outbound.addresses import Networks
from quote_service.platform.outbound.client import NoAnswer, OutboundClient
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Unauthorized, Unavailable

_TIMEOUT_SECONDS = 10.0
_ANSWER_BYTES_MAX = 512 * 1024
_KEPT_SECONDS = 3600.0
# A token with an unknown key has them read again: for a key that was just changed, and not for whoever makes keys up.
_READ_AGAIN_MAX, _READ_AGAIN_SECONDS = 6, 60.0
_ANY_ADDRESS = ("0.0.0.0/0", "::/0")
_SCOPE = "openid email profile"
_log = structlog.get_logger("quote_service.access")


class Metadata(msgspec.Struct, frozen=True):
    """What of the provider's description is used."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class SignInProvider:
    """The provider of one process; to be closed."""

    def __init__(self, terms: ProviderTerms, flows: Flows, networks: Networks) -> None:
        self.terms = terms
        self.flows = flows
        self._own = OutboundClient(Networks(_ANY_ADDRESS), _TIMEOUT_SECONDS)
        self._others = OutboundClient(networks, _TIMEOUT_SECONDS)
        self._metadata: tuple[float, Metadata] | None = None
        self._keys: tuple[float, dict[str, jwt.PyJWK]] | None = None
        self._read_again: deque[float] = deque(maxlen=_READ_AGAIN_MAX)

    @classmethod
    def of(cls, settings: Settings) -> "SignInProvider | None":
        """The provider that is set; None if there is none."""
        if not settings.oidc_issuer:
            return None
        terms = ProviderTerms(
            settings.oidc_issuer,
            settings.oidc_client_id,
            settings.oidc_client_secret,
            settings.oidc_name or urlsplit(settings.oidc_issuer).netloc,
            settings.oidc_role_claim,
            read_roles(settings.oidc_roles),
        )
        return cls(terms, Flows(settings.jwt_keys), Networks(settings.outbound_networks))

    async def aclose(self) -> None:
        """Close every connection."""
        await self._own.aclose()
        await self._others.aclose()

    async def url_for(self, flow: Flow, redirect_uri: str, *, asks_again: bool = False) -> str:
        """Where the browser goes; with `asks_again` the provider has the person sign in, even one whom it remembers.

        Raises:
            Unavailable: The provider cannot be reached, or says of itself what cannot be used.
        """
        asked = {
            "response_type": "code",
            "client_id": self.terms.client_id,
            "redirect_uri": redirect_uri,
            "scope": _SCOPE,
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": flow.challenge,
            "code_challenge_method": "S256",
            **({"prompt": "login"} if asks_again else {}),
        }
        return _with_query((await self._described()).authorization_endpoint, asked)

    async def sign_out_url(self, back_to: str) -> str | None:
        """Where the browser ends the session at the provider, too; None where the provider has no such page.

        Raises:
            Unavailable: The provider cannot be reached.
        """
        endpoint = (await self._described()).end_session_endpoint
        if not endpoint.startswith(("https://", "http://")):
            return None
        return _with_query(endpoint, {"client_id": self.terms.client_id, "post_logout_redirect_uri": back_to})

    async def prove(
        self, flow: Flow, code: str, given_issuer: str | None, redirect_uri: str, at_us: int
    ) -> ProvenIdentity:
        """Exchange the code that a browser came back with for who somebody is.

        Args:
            flow: The way that the browser began.
            code: What it came back with.
            given_issuer: `iss` that it came back with, if any.
            redirect_uri: As it was sent.
            at_us: Now.

        Raises:
            Unauthorized: The provider refuses the code, or what it answers does not hold.
            Unavailable: The provider cannot be reached.
        """
        described = await self._described()
        # Another provider's answer, mixed into this sign-in (RFC 9207).
        if given_issuer is None and described.authorization_response_iss_parameter_supported:
            raise _refused("no issuer")
        if given_issuer is not None and given_issuer != self.terms.issuer:
            raise _refused("issuer")
        token = await self._exchange(described, flow, code, redirect_uri)
        try:
            claims = await self._read(token, flow.nonce, at_us)
        except IdTokenRefused as refused:
            raise _refused(str(refused)) from refused
        return proven_identity(claims, self.terms)

    async def _exchange(self, described: Metadata, flow: Flow, code: str, redirect_uri: str) -> str:
        terms = self.terms
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": flow.verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        if terms.client_secret and "client_secret_basic" in described.token_endpoint_auth_methods_supported:
            pair = f"{quote_plus(terms.client_id)}:{quote_plus(terms.client_secret)}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            form["client_id"] = terms.client_id
            if terms.client_secret:
                form["client_secret"] = terms.client_secret
        status, document = await self._ask("POST", described.token_endpoint, headers, urlencode(form).encode())
        if 400 <= status < 500:
            raise _refused(str(document.get("error", status))[:100])
        token = document.get("id_token")
        if status != 200 or not isinstance(token, str):
            raise _unusable(f"token endpoint: {status}")
        return token

    async def _read(self, token: str, nonce: str, at_us: int) -> dict[str, Any]:
        terms = self.terms

        def read(keys: dict[str, jwt.PyJWK]) -> dict[str, Any]:
            return read_id_token(token, keys, issuer=terms.issuer, client_id=terms.client_id, nonce=nonce, at_us=at_us)

        try:
            return read(await self._published())
        except UnknownKey:
            now = time.monotonic()
            is_often = len(self._read_again) == _READ_AGAIN_MAX and now - self._read_again[0] < _READ_AGAIN_SECONDS
            if is_often:
                raise
            self._read_again.append(now)
            self._keys = None
            return read(await self._published())

    async def _described(self) -> Metadata:
        now = time.monotonic()
        if self._metadata is not None and now - self._metadata[0] < _KEPT_SECONDS:
            return self._metadata[1]
        issuer = self.terms.issuer
        status, document = await self._ask("GET", issuer.rstrip("/") + "/.well-known/openid-configuration", {}, None)
        if status != 200:
            raise _unusable(f"description: {status}")
        try:
            described = msgspec.convert(document, Metadata)
        except msgspec.ValidationError as wrong:
            raise _unusable(f"description: {wrong}") from wrong
        urls = (described.authorization_endpoint, described.token_endpoint, described.jwks_uri)
        scheme = urlsplit(issuer).scheme
        # By https what issuers with https say: a description must not lead to where it can be read on the way.
        if described.issuer != issuer or any(urlsplit(url).scheme not in ("https", scheme) for url in urls):
            raise _unusable("description: of another issuer, or without https")
        self._metadata = (now, described)
        return described

    async def _published(self) -> dict[str, jwt.PyJWK]:
        now = time.monotonic()
        if self._keys is not None and now - self._keys[0] < _KEPT_SECONDS:
            return self._keys[1]
        status, document = await self._ask("GET", (await self._described()).jwks_uri, {}, None)
        keys = read_keys(document) if status == 200 else {}
        if not keys:
            raise _unusable(f"keys: {status}")
        self._keys = (now, keys)
        return keys

    async def _ask(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None
    ) -> tuple[int, dict[str, Any]]:
        is_own = urlsplit(url)[:2] == urlsplit(self.terms.issuer)[:2]
        client = self._own if is_own else self._others
        try:
            answer = await client.request(method, url, headers, body, _ANSWER_BYTES_MAX)
        except NoAnswer as none:
            raise _unusable(none.reason) from none
        try:
            document = msgspec.json.decode(answer.body)
        except msgspec.DecodeError:
            document = None
        return answer.status, document if isinstance(document, dict) else {}


def _with_query(url: str, parameters: dict[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(parameters)}"


def _refused(why: str) -> Unauthorized:
    _log.warning("provider_sign_in_refused", reason=why)
    return Unauthorized("The sign-in failed; start again")


def _unusable(why: str) -> Unavailable:
    _log.warning("sign_in_provider_unusable", reason=why)
    return Unavailable("The sign-in provider cannot be reached; try again, or sign in with your password")

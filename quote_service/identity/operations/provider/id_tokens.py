"""ID tokens: whether one was made by the provider, for us, for this very sign-in, and holds now.

Only algorithms with public keys are taken, whatever the token says; a key is looked up by its id among those that the provider
publishes, and serves the algorithm that it is published for alone.

Source: docs/spec/access.md#sign-in-provider; OpenID Connect Core 1.0, 3.1.3.7; RFC 8725.
"""

import hmac
from collections.abc import Mapping
from typing import Any

import jwt

from quote_service.platform.system.instants import SECOND_US

#: What clocks may differ by.
SKEW_SECONDS = 60
_ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
_REQUIRED = ("iss", "aud", "sub", "exp", "iat", "nonce")
_TOKEN_LENGTH_MAX = 64 * 1024
_SUBJECT_LENGTH_MAX = 255


class IdTokenRefused(Exception):
    """The token does not hold; why is for the log."""


class UnknownKey(IdTokenRefused):
    """The provider may have published another key since."""


def read_id_token(
    token: str, keys: Mapping[str, jwt.PyJWK], *, issuer: str, client_id: str, nonce: str, at_us: int
) -> dict[str, Any]:
    """The claims of a token that holds.

    Args:
        token: As the provider gave it.
        keys: What the provider publishes, by id; a single one may have the id "".
        issuer: The provider.
        client_id: What the provider knows us by.
        nonce: What was sent along with the browser.
        at_us: Now.

    Raises:
        UnknownKey: It is signed with a key that is not among `keys`.
        IdTokenRefused: It is unreadable, forged, too old, not for us, or not for this sign-in.
    """
    if len(token) > _TOKEN_LENGTH_MAX:
        raise IdTokenRefused("too long")
    try:
        header = jwt.get_unverified_header(token)
        algorithm, key = header.get("alg"), _key_of(header, keys)
        if algorithm not in _ALGORITHMS or key.algorithm_name != algorithm:
            raise IdTokenRefused("algorithm")
        claims: dict[str, Any] = jwt.decode(
            token,
            key.key,
            algorithms=[algorithm],
            audience=client_id,
            issuer=issuer,
            options={"require": list(_REQUIRED), "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as refused:
        raise IdTokenRefused(type(refused).__name__) from refused
    _check(claims, client_id, nonce, at_us)
    return claims


def read_keys(document: Any) -> dict[str, jwt.PyJWK]:
    """Keys that verify, out of a JWK set; what is none of these is left out."""
    found: dict[str, jwt.PyJWK] = {}
    listed = document.get("keys") if isinstance(document, dict) else None
    for each in listed if isinstance(listed, list) else ():
        if not isinstance(each, dict) or each.get("use", "sig") != "sig":
            continue
        try:
            key = jwt.PyJWK.from_dict(each)
        except (jwt.PyJWTError, ValueError, TypeError):
            continue
        if key.algorithm_name in _ALGORITHMS:
            found[key.key_id or ""] = key
    return found


def _key_of(header: Mapping[str, Any], keys: Mapping[str, jwt.PyJWK]) -> jwt.PyJWK:
    key_id = header.get("kid")
    # A token may leave the id out where there is but one key.
    key = next(iter(keys.values())) if key_id is None and len(keys) == 1 else keys.get(str(key_id))
    if key is None:
        raise UnknownKey("key")
    return key


def _check(claims: Mapping[str, Any], client_id: str, nonce: str, at_us: int) -> None:
    subject, audience, given = claims["sub"], claims["aud"], claims["nonce"]
    if not isinstance(subject, str) or not 0 < len(subject) <= _SUBJECT_LENGTH_MAX or "\x00" in subject:
        raise IdTokenRefused("subject")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise IdTokenRefused("nonce")
    # Made for several: then it must say that it was made at our asking.
    if isinstance(audience, list) and len(audience) > 1 and "azp" not in claims:
        raise IdTokenRefused("authorized party")
    if claims.get("azp", client_id) != client_id:
        raise IdTokenRefused("authorized party")
    now = at_us / SECOND_US
    issued, expires = claims["iat"], claims["exp"]
    times = (issued, expires, claims.get("nbf", issued))
    if not all(isinstance(each, int | float) and not isinstance(each, bool) for each in times):
        raise IdTokenRefused("times")
    if expires + SKEW_SECONDS <= now or max(issued, times[2]) - SKEW_SECONDS > now:
        raise IdTokenRefused("not valid now")

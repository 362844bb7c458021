"""API keys: their text, and what an admin says of them.

A key reads `qs_<env>_<id>_<secret><checksum>`: the part up to the secret is its readable prefix, the secret is 256
random bits, and the checksum lets a scanner or a client tell a mistyped key without asking anybody.

Source: docs/spec/access.md#callers.
"""

import hashlib
import zlib
from datetime import datetime
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from quote_service.platform.callers.access import Scope
from quote_service.platform.settings.rate_limit import RateLimit
from quote_service.platform.system.errors import Fault

Environment = Literal["live", "dev"]
KeyName = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Scopes = Annotated[list[Scope], msgspec.Meta(min_length=1, max_length=20)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ID_LENGTH = 10
_SECRET_LENGTH = 43  # 62**43 > 2**256
_CHECKSUM_LENGTH = 6  # 62**6 > 2**32
KEY_LENGTH_MAX = 80
SECRET_BITS = 256
ID_BITS = 59  # 62**10 > 2**59


class ApiKey(msgspec.Struct, frozen=True):
    """An API key without its secret, which is never shown again."""

    id: str
    """Identifies the key."""
    name: str
    """What the key is for."""
    prefix: str
    """The readable beginning of the key, as it stands in logs."""
    scopes: list[Scope]
    """What the key may do."""
    rate_limit: RateLimit | None
    """How many requests the key may make; null for no limit."""
    expires_at: datetime | None
    """When the key stops working; null for never."""
    last_used_at: datetime | None
    """When the key was last used, to about a minute; null for never."""
    revoked_at: datetime | None
    """When the key was revoked; null while it is valid."""
    created_at: datetime
    """When the key was created."""
    updated_at: datetime
    """When the key was last changed."""
    version: int
    """Version of the key, from 1; it goes up with every change, and `ETag` follows it."""


class NewApiKey(ApiKey, frozen=True):
    """A new API key with its secret `key`, which is shown only once."""

    key: str
    """The whole key, to be sent in `X-API-Key`. It is shown only once."""


class ApiKeyDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An API key to create. A `rate_limit` of null means no limit; left out, it is the default. An `expires_at` of null means never."""

    name: KeyName
    """What the key is for."""
    scopes: Scopes
    """What the key may do."""
    rate_limit: RateLimit | UnsetType | None = UNSET
    """How many requests the key may make; null for no limit, left out for 100 a second with bursts of 200."""
    expires_at: Instant | None = None
    """When the key stops working; must be in the future. Null for never."""


class ApiKeyPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Changes to an API key; a field that is left out is kept."""

    name: KeyName | UnsetType = UNSET
    """What the key is for; left out to keep it."""
    scopes: Scopes | UnsetType = UNSET
    """What the key may do; left out to keep them."""
    rate_limit: RateLimit | UnsetType | None = UNSET
    """How many requests the key may make; null for no limit, left out to keep it."""
    expires_at: Instant | UnsetType | None = UNSET
    """When the key stops working; must be in the future. Null for never, left out to keep it."""


class KeyText(NamedTuple):
    """A whole key, which is a secret, and its readable prefix."""

    text: str
    prefix: str


def api_key_faults(draft: ApiKeyDraft | ApiKeyPatch, at: datetime) -> tuple[Fault, ...]:
    """What is wrong with a well-formed draft at this instant."""
    if isinstance(draft.expires_at, datetime) and draft.expires_at <= at:
        return (Fault("/expires_at", "must be in the future"),)
    return ()


def write_key(environment: Environment, id_bits: int, secret_bits: int) -> KeyText:
    """The text of a key of ID_BITS and SECRET_BITS random bits."""
    prefix = f"qs_{environment}_{_base62(id_bits, _ID_LENGTH)}"
    unchecked = f"{prefix}_{_base62(secret_bits, _SECRET_LENGTH)}"
    return KeyText(unchecked + _checksum(unchecked.encode()), prefix)


def checksum_holds(key: bytes) -> bool:
    """Whether these can be the bytes of a key at all."""
    return (
        len(key) <= KEY_LENGTH_MAX
        and key.startswith(b"qs_")
        and _checksum(key[:-_CHECKSUM_LENGTH]).encode() == key[-_CHECKSUM_LENGTH:]
    )


def key_digest(key: bytes) -> bytes:
    """What is kept of a key: the SHA-256 of its bytes."""
    return hashlib.sha256(key).digest()


def _checksum(unchecked: bytes) -> str:
    return _base62(zlib.crc32(unchecked), _CHECKSUM_LENGTH)


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))

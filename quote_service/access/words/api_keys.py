"""API keys: their text, and what an admin says of them.

A key reads `qs_<env>_<id>_<secret><checksum>`: the part up to the secret is its readable prefix, the secret is 256
random bits, and the checksum lets a scanner or a client tell a mistyped key without asking anybody.

Source: spec 8.
"""

import hashlib
import zlib
from datetime import datetime
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from quote_service.domain.access import RateLimit, Scope
from quote_service.domain.errors import Fault

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
    """A key as it is shown: all but its secret, which nobody has any more."""

    id: str
    name: str
    prefix: str
    scopes: list[Scope]
    rate_limit: RateLimit | None
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


class NewApiKey(ApiKey, frozen=True):
    """A key just made, with its text `key`: shown this once."""

    key: str


class ApiKeyDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A key to be made; `rate_limit` null is none at all, and left out is the default; `expires_at` null is never."""

    name: KeyName
    scopes: Scopes
    rate_limit: RateLimit | UnsetType | None = UNSET
    expires_at: Instant | None = None


class ApiKeyPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to change of a key; a field left out stays."""

    name: KeyName | UnsetType = UNSET
    scopes: Scopes | UnsetType = UNSET
    rate_limit: RateLimit | UnsetType | None = UNSET
    expires_at: Instant | UnsetType | None = UNSET


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

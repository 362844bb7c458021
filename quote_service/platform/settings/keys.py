"""Secrets with the ids that their signatures carry.

Source: docs/spec/access.md#tokens-and-keys.
"""

import base64
import binascii
from typing import NamedTuple

KEY_BYTES_MIN = 32
DEVELOPMENT_KID = "dev"


class Key(NamedTuple):
    """A secret with the id that its signatures carry; the first of a list signs, the others only verify."""

    kid: str
    secret: bytes

    def __repr__(self) -> str:
        return f"Key({self.kid}:***)"


Keys = tuple[Key, ...]


def read_keys(text: str) -> Keys:
    """Read `kid:base64secret,...`; no message holds any part of a secret.

    Raises:
        ValueError: It is not written so, a secret is short, or an id stands twice.
    """
    keys: list[Key] = []
    for index, entry in enumerate(text.split(","), 1):
        kid, colon, encoded = entry.strip().partition(":")
        if not colon or not kid.replace("-", "").replace("_", "").isalnum() or len(kid) > 32:
            raise ValueError(f"key {index} is not written kid:base64secret")
        try:
            secret = base64.b64decode(
                encoded.replace("-", "+").replace("_", "/") + "=" * (-len(encoded) % 4), validate=True
            )
        except (binascii.Error, ValueError):
            raise ValueError(f"the secret of {kid} is not base64") from None
        if len(secret) < KEY_BYTES_MIN:
            raise ValueError(f"the secret of {kid} has fewer than {KEY_BYTES_MIN} bytes")
        if any(kid == key.kid for key in keys):
            raise ValueError(f"{kid} is given twice")
        keys.append(Key(kid, secret))
    return tuple(keys)

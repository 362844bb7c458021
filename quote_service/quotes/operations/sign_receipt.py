"""Receipts of accepted quotes: JWS (RFC 7515) signed with Ed25519, for anybody to check with the public keys.

The first key signs; the public halves of all of them are published, so that receipts outlive a rotation.

Source: docs/spec/quotes.md#accept-a-quote; RFC 8037 (EdDSA and OKP keys), RFC 7638 is not used: key ids are those of
the settings.
"""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt import PyJWS

from quote_service.platform.money.amounts import amount_text
from quote_service.platform.system.instants import SECOND_US, instant_text
from quote_service.quotes.answer.shopper_form import shopper_text
from quote_service.quotes.model.accepted_quote import QuoteFigures

RECEIPT_TYPE = "quote-receipt+jwt"
_ALGORITHM = "EdDSA"
_ISSUER = "quote-service"


class PublicKey(msgspec.Struct, frozen=True):
    """A public key as JWK."""

    kid: str
    """Key id; receipts name it in their header."""
    x: str
    """The public key, base64url."""
    kty: str = "OKP"
    """Key type (RFC 8037)."""
    crv: str = "Ed25519"
    """Curve of the key."""
    alg: str = "EdDSA"
    """Algorithm that the key signs with."""
    use: str = "sig"
    """What the key is for: signatures."""


class KeySet(msgspec.Struct, frozen=True):
    """A JWK set (RFC 7517, 5)."""

    keys: list[PublicKey]
    """The public keys, the one in use first."""


class ReceiptSigner:
    """Signs with the first of its keys; `public_keys` are those of all."""

    __slots__ = ("_jws", "_key", "_kid", "public_keys")

    def __init__(self, keys: Sequence[tuple[str, bytes]]) -> None:
        if not keys:
            raise ValueError("receipts need a signing key")
        privates = [(kid, Ed25519PrivateKey.from_private_bytes(seed)) for kid, seed in keys]
        self._kid, self._key = privates[0]
        self._jws = PyJWS(algorithms=[_ALGORITHM])
        self.public_keys = KeySet([PublicKey(kid, _public_text(private)) for kid, private in privates])

    def sign(self, quote_id: str, figures: QuoteFigures, signed: bytes, accepted_at_us: int) -> str:
        """The receipt of a quote.

        Args:
            quote_id: Its id.
            figures: Its figures.
            signed: The text under the quote's own signature; the receipt carries its hash, and that of the shopper's form.
            accepted_at_us: When it was accepted.
        """
        claims = {
            "iss": _ISSUER,
            "iat": accepted_at_us // SECOND_US,
            "quote_id": quote_id,
            "total_amount": msgspec.Raw(amount_text(figures.total_minor, figures.exponent).encode()),
            "currency": figures.currency,
            "coupons": figures.coupon_codes,
            "accepted_at": instant_text(accepted_at_us),
            "data_sha256": sha256(signed).hexdigest(),
            "shopper_data_sha256": sha256(shopper_text(signed)).hexdigest(),
        }
        headers = {"kid": self._kid, "typ": RECEIPT_TYPE}
        return self._jws.encode(msgspec.json.encode(claims), self._key, _ALGORITHM, headers)


def _public_text(private: Ed25519PrivateKey) -> str:
    raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return urlsafe_b64encode(raw).rstrip(b"=").decode()

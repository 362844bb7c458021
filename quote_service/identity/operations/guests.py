"""Somebody who looks at the store without an account: a shopper of no name, who is let in as shoppers are.

What a guest asks for goes through the API as everybody's does, with a token of a role that sees what is sold and what is
its own, which is nothing. The pages hand the token to nobody.

Source: docs/spec/store.md#visitors.
"""

import hashlib
import ipaddress
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from quote_service.identity.model.people import Account, User
from quote_service.identity.operations.access_tokens import AccessTokens

# What one household or one machine is given of IPv6.
_HOUSEHOLD_BITS: Final = 64
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def guest_id(secret: bytes) -> str:
    """The customer id of whoever holds a secret: nobody can choose it, and so be somebody else."""
    digest = hashlib.sha256(b"guest:" + secret).digest()
    return str(UUID(bytes=digest[:16], version=4))


def guests_at(address: str) -> str:
    """All guests of one address, as one caller of limits: whoever throws the cookie away is a new guest each time."""
    return f"guests:{network_of(address)}"


def network_of(address: str) -> str:
    """What counts as one address: of IPv6 the network of 64 bits, all of which one machine may use."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped is None:
            return str(ipaddress.IPv6Network((int(known), _HOUSEHOLD_BITS), strict=False))
        known = known.ipv4_mapped
    return str(known)


def guest_token(tokens: AccessTokens, customer_id: str, at_us: int, life_seconds: int) -> str:
    """A token of the guest with this id."""
    nobody = User(
        id=customer_id,
        email="",
        role="user",
        is_active=True,
        created_at=_EPOCH,
        updated_at=_EPOCH,
        last_login_at=None,
        version=1,
        second_factor_since=None,
    )
    return tokens.issue(Account(nobody, "", 0), at_us, life_seconds)

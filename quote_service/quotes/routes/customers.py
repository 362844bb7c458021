"""Whose quote it is.

Source: docs/spec/access.md#shoppers.
"""

from collections.abc import Callable

import msgspec

from quote_service.access.words.access import Caller
from quote_service.system.errors import QuoteUnknown

UNKNOWN = "There is no quote with this id"


class _Customer(msgspec.Struct):
    customer_id: str


_read: Callable[[bytes], _Customer] = msgspec.json.Decoder(_Customer).decode


def customer_of(request_body: bytes) -> str:
    """The customer of a request that was quoted."""
    return _read(request_body).customer_id.lower()


def require_sight(caller: Caller, customer_id: str | None) -> None:
    """Let a caller go on who may see quotes of this customer (None: nobody knows whose it is).

    Raises:
        QuoteUnknown: He may not, so for him there is none.
    """
    if not caller.may_see(customer_id or ""):
        raise QuoteUnknown(UNKNOWN)

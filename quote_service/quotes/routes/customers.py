"""Whose quote it is.

Source: docs/spec/access.md#shoppers.
"""

from quote_service.platform.callers.access import Caller
from quote_service.quotes.model.errors import QuoteUnknown

UNKNOWN = "There is no quote with this id"


def require_sight(caller: Caller, customer_id: str | None) -> None:
    """Let a caller go on who may see quotes of this customer (None: nobody knows whose it is).

    Raises:
        QuoteUnknown: He may not, so for him there is none.
    """
    if not caller.may_see(customer_id or ""):
        raise QuoteUnknown(UNKNOWN)

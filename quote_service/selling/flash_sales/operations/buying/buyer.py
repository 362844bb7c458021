"""Whom a purchase is for.

Source: `docs/spec/flash-sales.md`; `docs/spec/access.md`.
"""

from uuid import UUID

from quote_service.platform.callers.access import Caller
from quote_service.platform.system.errors import Forbidden, Invalid


def buyer_of(caller: Caller, named: UUID | None) -> UUID:
    """The customer whom a caller buys for: a shopper for the shopper's own self, any other for the customer `named`.

    Raises:
        Forbidden: A shopper names somebody else.
        Invalid: A caller who is no shopper names nobody.
    """
    if named is not None and not caller.may_see(str(named)):
        raise Forbidden("You can only buy for your own customer id")
    if caller.is_customer:
        return UUID(caller.id)
    if named is None:
        raise Invalid.at("/customer_id", "is required")
    return named

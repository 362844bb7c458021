"""Reserve a quote that has not been accepted, as it is kept or brought along.

Source: docs/spec/reservations.md#reserving.
"""

from collections.abc import Callable
from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.platform.system.instants import from_micros
from quote_service.quotes.model.errors import QuoteEnded
from quote_service.quotes.operations.accept_quote import ENDED, Offer
from quote_service.quotes.tables.accepted_quotes import customer_of_accepted
from quote_service.shop.reservations.model.refusals import QuoteAccepted
from quote_service.shop.reservations.model.reservation import Hold, HoldLimits, Reservation
from quote_service.shop.reservations.operations.hold_quotes import hold_quotes
from quote_service.shop.reservations.operations.reserve import reserve

Sight = Callable[[str | None], None]


async def reserve_quote(
    change: Change,
    quote_id: UUID,
    offer: Offer | QuoteServiceError,
    customer_id: str | None,
    require_sight: Sight,
    *,
    hold_seconds: int,
    limits: HoldLimits,
) -> tuple[Reservation, bool]:
    """Reserve a quote within the caller's transaction.

    Args:
        change: Who reserves, in a transaction that holds nothing yet.
        quote_id: The quote.
        offer: What `find_offer` found.
        customer_id: The customer, where known.
        require_sight: Refuses who may not see quotes of a customer.
        hold_seconds: How long at most; never longer than the quote lasts.
        limits: Of the customer.

    Returns:
        The reservation, and whether there was one already.

    Raises:
        QuoteAccepted: The quote has been accepted.
        OutOfStock, CouponExhausted, BudgetExhausted, ReservationLimit, Invalid: See `reserve`.
        QuoteEnded, QuoteUnknown, QuoteDiffers, QuoteUnreadable, Unavailable: See `find_offer`.
    """
    held = (await hold_quotes(change.connection, [quote_id])).get(quote_id)
    accepted = await customer_of_accepted(change.connection, quote_id)
    if accepted is not None:
        require_sight(accepted.customer_id)
        raise QuoteAccepted("The quote has been accepted; it needs no reservation")
    if isinstance(offer, QuoteServiceError):
        raise offer
    if held is not None and held.customer_id is not None:
        require_sight(str(held.customer_id))
    hold = Hold(hold_seconds, from_micros(offer.figures.valid_until_us))
    made = await reserve(change, offer.claim(customer_id), hold, limits, held)
    if made.is_over:  # by the clock of PostgreSQL
        raise QuoteEnded(ENDED)
    return made, held is not None and held.status == "held"

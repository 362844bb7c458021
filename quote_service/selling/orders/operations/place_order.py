"""Place one order, together with whoever orders at the same time.

A quote that was accepted needs nothing but its row. So what a quote offers, which is in Redis and has to be read and checked,
is looked for only when the database has said that the quote has not been accepted.

Source: docs/spec/orders.md#place-an-order.
"""

from uuid import UUID

import msgspec

from quote_service.platform.postgres.idempotency_keys import KeptAnswer, KeyUse, find_answer
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Invalid, QuoteServiceError
from quote_service.quotes.answer.restore_quote import RestoredQuote
from quote_service.quotes.model.errors import QuoteUnknown
from quote_service.quotes.model.kept_bytes import customer_of
from quote_service.quotes.operations.accept_quote import Offer, find_offer
from quote_service.quotes.operations.quote_cache import QuoteCache
from quote_service.selling.ledger.operations.ledger_meters import LedgerMeters
from quote_service.selling.orders.operations.asked_order import AskedOrder, PlacedOrder
from quote_service.selling.orders.operations.order_groups import OrderGroups
from quote_service.selling.orders.operations.order_meters import OrderMeters
from quote_service.shop.reservations.operations.reservation_meters import ReservationMeters


class OrderPlacer(msgspec.Struct, frozen=True):
    """The parts of a process that place orders."""

    groups: OrderGroups
    cache: QuoteCache
    database: Database
    meters: OrderMeters
    ledger_meters: LedgerMeters
    reservation_meters: ReservationMeters
    ttl_seconds: int

    async def place(self, asked: AskedOrder, brought: RestoredQuote | None = None) -> PlacedOrder:
        """Place an order.

        Args:
            asked: What is asked for; without an offer, which is then looked for where it is needed.
            brought: The quote as the checkout holds it, under a signature that holds.

        Raises:
            QuoteServiceError: As `OrderGroups.place`.
        """
        try:
            outcome = await self.groups.place(asked)
            if not isinstance(outcome, PlacedOrder):
                outcome = await self.groups.place(await self._with_offer(asked, brought))
                assert isinstance(outcome, PlacedOrder)
        except QuoteServiceError as refusal:
            self.meters.count("refused")
            self.reservation_meters.refused(refusal)
            raise
        if outcome.is_replayed:
            self.meters.count("repeated")
        else:
            self.meters.count("placed")
            self.ledger_meters.posted("order")
        return outcome

    async def answer_before(self, use: KeyUse) -> KeptAnswer | None:
        """What is kept under a key already, to whatever request."""
        async with self.database.read() as connection:
            return await find_answer(connection, use)

    async def _with_offer(self, asked: AskedOrder, brought: RestoredQuote | None) -> AskedOrder:
        offer = await find_offer(self.cache, asked.quote_id, brought, asked.change.at_us, self.ttl_seconds)
        return with_customer(asked, offer)


def with_customer(asked: AskedOrder, offer: Offer | QuoteServiceError) -> AskedOrder:
    """The request with what its quote offers, and with the customer that is known by it."""
    customer_id = asked.customer_id
    if isinstance(offer, Offer):
        if offer.kept is not None:
            whose = UUID(customer_of(offer.kept.request))
            if asked.shopper_id not in (None, whose):
                offer = QuoteUnknown("There is no quote with this id")
            elif customer_id not in (None, whose):
                offer = Invalid.at("/customer_id", "is not the customer of this quote")
            else:
                customer_id = whose
        elif asked.shopper_id is not None and customer_id is None:
            customer_id = asked.shopper_id
    return msgspec.structs.replace(asked, offer=offer, customer_id=customer_id)

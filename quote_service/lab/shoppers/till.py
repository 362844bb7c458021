"""What becomes of a quote that is bought: an order, and what is done with it afterwards.

    quote -> [reserved ->] order -> fulfilled -> refunded, in one part or more
                                 -> cancelled
                                 -> left as it is

Source: docs/spec/seeding.md#orders-of-shoppers.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from quote_service.lab.shoppers.decisions import Habits, Shopper, Way
from quote_service.lab.shoppers.shop_api import Refused, ShopApi
from quote_service.lab.shoppers.tally import Tally

ORDERS: Final = "/api/v1/orders"
_BUDGET: Final = "budget-exhausted"
_LIMIT: Final = "reservation-limit"
_BUDGET_WAITS_SECONDS: Final = (0.2, 1.0, 3.0)


class Till:
    """Takes orders, and sees them through; each purchase has a quote of its own, whose id its keys are made of."""

    def __init__(self, api: ShopApi, tally: Tally, habits: Habits, report: Callable[[str], None]) -> None:
        self._api = api
        self._tally = tally
        self._habits = habits
        self._report = report

    async def order(self, way: Way, quote_id: str, basket: dict[str, Any]) -> dict[str, Any]:
        """The order of a quote, or of its basket.

        Raises:
            Refused: There is none, or nobody knows.
        """
        if way == "basket":
            return await self._order_basket(quote_id, basket)
        try:
            if way == "reserved quote":
                await self._reserve(quote_id)
            return await self._order({"quote_id": quote_id}, f"shopper-{quote_id}")
        except Refused as refused:
            if refused.code != _BUDGET:
                raise
        # The quote promises a discount that is used up: the same things at what they cost without it.
        return await self._order_basket(quote_id, basket)

    async def see_through(self, shopper: Shopper, placed: dict[str, Any]) -> None:
        """Fulfil, cancel or refund an order, or leave it as it is.

        Raises:
            Refused: It cannot be done, or nobody knows whether it has been.
        """
        path, total, currency = f"{ORDERS}/{placed['id']}", placed["total_amount"], placed["currency"]
        fate = shopper.fate(self._habits)
        if fate == "waits":
            return
        if fate == "cancelled":
            await self._api.do(f"{path}/cancel", {"reason": "Ordered by mistake"})
            self._tally.cancel(currency, total)
            self._report(f"Cancelled: {total} {currency}")
            return
        await self._api.do(f"{path}/fulfil")
        self._tally.fulfilled += 1
        if fate == "sent back":
            units = [(line["line_id"], line["quantity"]) for line in placed["lines"]]
            for number, draft in enumerate(shopper.refunds(units), start=1):
                refund = await self._api.do(f"{path}/refunds", draft, key=f"refund-{placed['id']}-{number}")
                self._tally.refund(currency, refund["total_amount"])
                self._report(f"Refunded: {refund['total_amount']} {currency} of {total} {currency}")

    async def _reserve(self, quote_id: str) -> None:
        try:
            await self._api.do(f"/api/v1/quotes/{quote_id}/reserve")
        except Refused as refused:
            if refused.code != _LIMIT:  # such a quote can be ordered all the same
                raise
        else:
            self._tally.reserved += 1

    async def _order_basket(self, quote_id: str, basket: dict[str, Any]) -> dict[str, Any]:
        # A refusal is final for its key. Each order is quoted again, and worth one more where the rulebook has yet to hear of a budget's end.
        for number, wait_seconds in enumerate(_BUDGET_WAITS_SECONDS, start=1):
            try:
                return await self._order(basket, f"shopper-basket-{quote_id}-{number}")
            except Refused as refused:
                if refused.code != _BUDGET:
                    raise
                await asyncio.sleep(wait_seconds if refused.wait_seconds is None else refused.wait_seconds)
        return await self._order(basket, f"shopper-basket-{quote_id}")

    async def _order(self, body: dict[str, Any], key: str) -> dict[str, Any]:
        placed: dict[str, Any] = await self._api.do(ORDERS, body, key=key)
        return placed

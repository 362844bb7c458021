"""Price one accepted quote again as it was, prove that it is the one that was issued, and price it with the change.

Every quote of a replay passes through here, so the module is compiled.

Source: docs/spec/replay.md#proof.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from quote_service.platform.documents.documents import write_document
from quote_service.platform.documents.exact_documents import parse_exact
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.pricing.price_quote import price_amounts, price_quote
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.quote import CheckedBasket, Quote
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.pricing.sales.sale_price import BasketSales
from quote_service.quotes.model.issued_quote import read_issued
from quote_service.quotes.model.past_quote import PastQuote
from quote_service.quotes.operations.issued_again import is_issued_again, issued_differences
from quote_service.quotes.operations.issued_prices import has_own_prices, issued_sales, take_issued_prices
from quote_service.steering.replay.model.count_quote import count_quote
from quote_service.steering.replay.model.lines_again import price_lines_again
from quote_service.steering.replay.model.not_replayed import FieldDifference, NotReplayed
from quote_service.steering.replay.model.supposed_rulebook import Prices, SupposedBook
from quote_service.steering.replay.model.tally import CurrencyTally, Tally

_DIFFERENCES_MAX: Final = 5
Decode = Callable[[bytes], CheckedBasket]


class PriceAgain:
    """One replay's way of pricing a quote again."""

    __slots__ = ("decode", "prices", "tally")

    def __init__(self, decode: Decode, prices: Prices, tally: Tally) -> None:
        """`decode` reads a kept request; `prices` are supposed list prices in millionths."""
        self.decode = decode
        self.prices = prices
        self.tally = tally

    def price(self, then: Rulebook, supposed: SupposedBook, past: PastQuote) -> None:
        """Price a quote again, by the rulebook of its version and with the change, and count it."""
        tally = self.tally
        request = past.request
        assert request is not None
        quote_id, at_us = past.quote_id, past.issued_at_us
        try:
            checked = self.decode(request)
            before, sales, is_met = _price_as_it_was(then, checked, past)
        except (msgspec.MsgspecError, QuoteServiceError):
            tally.leave_out(NotReplayed(quote_id, "request-unreadable"))
            return
        if not is_met:
            differences = self._differences(before, past)
            if differences:
                tally.leave_out(NotReplayed(quote_id, "differs", differences))
                return
        after: Quote = before
        changed = supposed.rulebook
        if changed is not None and not _is_unmoved(supposed, before, at_us):
            if supposed.moves_prices:
                again = price_lines_again(then, changed, checked, sales, at_us, self.prices)
                checked, sales = again.checked, again.sales
                tally.lines_not_moved += again.not_moved
            after = price_amounts(QuoteBasis(changed, checked, at_us, sales))
        tally.replayed += 1
        currency = before.basket.currency
        of_currency = tally.currencies.get(currency)
        if of_currency is None:
            of_currency = tally.currencies[currency] = CurrencyTally(before.exponent)
        count_quote(of_currency, quote_id, before, after)

    def _differences(self, before: Quote, past: PastQuote) -> list[FieldDifference]:
        document: dict[str, Any] = parse_exact(past.data)
        found = issued_differences(
            document, before, past.quote_id, past.issued_at_us, past.valid_until_us, for_shopper=False
        )
        return [
            FieldDifference(each.pointer, _json(each.before), _json(each.after)) for each in found[:_DIFFERENCES_MAX]
        ]


def _is_unmoved(supposed: SupposedBook, before: Quote, at_us: int) -> bool:
    unmoved = supposed.unmoved
    if unmoved is None or supposed.moves_prices:
        return False
    assert isinstance(before, PricingContext)
    return unmoved.holds(before, at_us)


def _price_as_it_was(then: Rulebook, checked: CheckedBasket, past: PastQuote) -> tuple[Quote, BasketSales | None, bool]:
    """The quote priced by the rulebook of then, what was on sale of it, and whether it is the one that was issued.

    Of the bytes that were issued no more is read than has to be: where they are met, they hold what they should.

    Raises:
        msgspec.MsgspecError: They are no quote.
    """
    data, at_us = past.data, past.issued_at_us
    if has_own_prices(data):
        before = price_quote(QuoteBasis(then, checked, at_us))
        if is_issued_again(data, before, past.quote_id, at_us, past.valid_until_us):
            return before, None, True
    issued = read_issued(data)
    sales = issued_sales(issued)
    take_issued_prices(issued, past.request or b"", checked, then.rules)
    before = price_quote(QuoteBasis(then, checked, at_us, sales))
    return before, sales, is_issued_again(data, before, past.quote_id, at_us, past.valid_until_us)


def _json(value: Any) -> msgspec.Raw:
    return msgspec.Raw(b"null" if value is msgspec.UNSET else write_document(value))

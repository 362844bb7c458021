"""Price one accepted quote again as it was, prove that it is the one that was issued, and price it with the change.

Every quote of a replay passes through here, so the module is compiled.

Source: docs/spec/replay.md#proof.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from quote_service.documents.documents import write_document
from quote_service.documents.exact_documents import parse_exact
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote import CheckedBasket, Quote
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.quotes.operations.issued_again import is_issued_again, issued_differences
from quote_service.quotes.operations.issued_prices import issued_sales, take_issued_prices
from quote_service.quotes.words.issued_quote import read_issued
from quote_service.quotes.words.past_quote import PastQuote
from quote_service.replay.words.count_quote import count_quote
from quote_service.replay.words.lines_again import price_lines_again
from quote_service.replay.words.not_replayed import FieldDifference, NotReplayed
from quote_service.replay.words.supposed_rulebook import Prices, SupposedBook
from quote_service.replay.words.tally import CurrencyTally, Tally
from quote_service.system.errors import QuoteServiceError

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
        quote_id, data, at_us = past.quote_id, past.data, past.issued_at_us
        try:
            checked = self.decode(request)
            issued = read_issued(data)
            sales = issued_sales(issued)
            take_issued_prices(issued, checked, then.rules)
            before = price_quote(then, checked, at_us, sales)
        except (msgspec.MsgspecError, QuoteServiceError):
            tally.leave_out(NotReplayed(quote_id, "request-unreadable"))
            return
        if not is_issued_again(data, issued, before, quote_id, at_us, past.valid_until_us):
            differences = self._differences(before, past)
            if differences:
                tally.leave_out(NotReplayed(quote_id, "differs", differences))
                return
        after: Quote = before
        changed = supposed.rulebook
        if changed is not None:
            if supposed.moves_prices:
                again = price_lines_again(then, changed, checked, sales, at_us, self.prices)
                checked, sales = again.checked, again.sales
                tally.lines_not_moved += again.not_moved
            after = price_quote(changed, checked, at_us, sales)
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


def _json(value: Any) -> msgspec.Raw:
    return msgspec.Raw(b"null" if value is msgspec.UNSET else write_document(value))

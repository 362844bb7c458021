"""Who waits for a quote, as far as those who work it out and share it know.

Source: docs/spec/quotes.md#caching.
"""

from typing import Literal

from quote_service.quotes.model.priced_quote import PricedQuote
from quote_service.quotes.operations.local_quotes import LocalAnswer

CacheTier = Literal["miss", "local", "redis"]


class QuoteAsker:
    """Who asks: the reference to echo, the warnings about what of the request does not count, and the body."""

    __slots__ = ("body", "external_ref", "priced", "request_warnings")

    external_ref: str | None
    request_warnings: bytes
    body: bytes
    # What is counted of the quote that was worked out for it, if that becomes the one that is issued.
    priced: PricedQuote | None

    def join(self, other: "QuoteAsker") -> None:
        """Have another one answered with the quote that this one waits for."""
        raise NotImplementedError

    def hand_over(self, answer: LocalAnswer, tier: CacheTier) -> None:
        """Take an answer of this basket that has been waited for."""
        raise NotImplementedError

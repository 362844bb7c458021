"""Refusals that are final for their idempotency keys: `verdict|number|fingerprint`, the same in Redis and in PostgreSQL.

Source: docs/spec/flash-sales.md#refusals-and-keys.
"""

from typing import Final, NamedTuple

from quote_service.platform.system.errors import QuoteServiceError
from quote_service.selling.flash_sales.model.refusals import Verdict, refusal_of

#: What is decided by what there is. A sale that has not begun decides nothing, and what cannot be said just now is not said for good.
FINAL_VERDICTS: Final = frozenset({Verdict.ENDED, Verdict.PRICE_CHANGED, Verdict.LIMIT, Verdict.SOLD_OUT})


class KeptRefusal(NamedTuple):
    """A verdict with the number that goes with it, and the request that it was given to."""

    verdict: Verdict
    number: int
    fingerprint: str

    @property
    def text(self) -> str:
        """As it is kept."""
        return f"{self.verdict}|{self.number}|{self.fingerprint}"

    def refusal_for(self, fingerprint: str, currency: str) -> QuoteServiceError:
        """What a request is refused with that comes under the key again."""
        if fingerprint != self.fingerprint:
            return refusal_of(Verdict.MISMATCH, currency)
        return repeated_refusal(refusal_of(self.verdict, currency, self.number))


def repeated_refusal(refusal: QuoteServiceError) -> QuoteServiceError:
    """A refusal as a repeat gets it."""
    refusal.is_replayed = True
    return refusal


def read_refusal(text: str) -> KeptRefusal:
    """Read what is kept."""
    verdict, number, fingerprint = text.split("|", 2)
    return KeptRefusal(Verdict(verdict), int(number), fingerprint)

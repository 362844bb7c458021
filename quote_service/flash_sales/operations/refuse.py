"""The one table of refusals: what a buyer is told for each verdict, whoever has decided it.

Source: docs/spec/flash-sales.md#purchase.
"""

from typing import assert_never

import msgspec

from quote_service.flash_sales.words.sale import of_minor
from quote_service.flash_sales.words.verdicts import UnknownVerdict, Verdict
from quote_service.system.errors import (
    IdempotencyKeyReused,
    LimitReached,
    Overloaded,
    PriceChanged,
    QuoteServiceError,
    SaleNotActive,
    SaleNotLoaded,
    SoldOut,
)


def refusal_of(verdict: Verdict, currency: str, detail: int = 0) -> QuoteServiceError:
    """The error that tells a verdict.

    Args:
        verdict: Any that refuses.
        currency: Of the item.
        detail: The price there is now in minor units, or the limit, where the verdict goes with one.

    Raises:
        UnknownVerdict: The verdict refuses nothing.
    """
    match verdict:
        case Verdict.MISMATCH:
            return IdempotencyKeyReused("This key was used with a different request; use a new key for a new request")
        case Verdict.NOT_LOADED | Verdict.STALE:
            return SaleNotLoaded("This flash sale is not ready yet; try again", retry_after_seconds=1)
        case Verdict.NOT_ACTIVE:
            return SaleNotActive("This flash sale is not active now")
        case Verdict.NOT_STARTED:
            return SaleNotActive("This flash sale has not started")
        case Verdict.ENDED:
            return SaleNotActive("This flash sale has ended")
        case Verdict.PRICE_CHANGED:
            price = msgspec.Raw(str(of_minor(detail, currency)).encode())
            return PriceChanged("The price has changed", unit_price=price, currency=currency)
        case Verdict.LIMIT:
            return LimitReached(f"Each customer can buy at most {detail} units", per_customer_limit=detail)
        case Verdict.SOLD_OUT:
            return SoldOut("Not enough stock")
        case Verdict.BUSY:
            return Overloaded("Too many purchases are waiting to be recorded; try again", retry_after_seconds=1)
        case Verdict.RESERVED | Verdict.REPLAYED:
            raise UnknownVerdict(f"{verdict} came without a reservation")
        case _:
            assert_never(verdict)

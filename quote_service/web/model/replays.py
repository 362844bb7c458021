"""What a replay supposes and what came of it, in words.

Source: docs/spec/web.md#analytics; docs/spec/replay.md#result.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

from quote_service.platform.money.currencies import EXPONENTS

Document = Mapping[str, Any]

#: Why a quote could not be priced again as it was.
NOT_REPRODUCED: Final = {
    "request-not-kept": "accepted by its signature alone, or its customer has been erased",
    "rulebook-unknown": "the rulebook of then is not kept",
    "rulebook-unreadable": "the rulebook of then is not understood any more",
    "request-unreadable": "the request is not understood any more",
    "differs": "priced again it is another quote",
}


class Supposed(NamedTuple):
    """A thing that is supposed: what, which one, and its document where it has one."""

    what: str
    which: str
    document: Document | None = None


class HistogramBar(NamedTuple):
    """Quotes whose total changes by so much; `share` is of the highest bar, `side` says whether it goes up or down."""

    label: str
    quotes: int
    share: float
    side: str


def supposed(change: Document, names: Mapping[str, str]) -> Iterator[Supposed]:
    """Everything that is supposed, in the order of the API; products by name where `names` has them."""
    for rule in change.get("draft_rules", ()):
        yield Supposed("Rule added", str(rule["name"]), rule)
    for name in change.get("ended_rules", ()):
        yield Supposed("Rule left out", str(name))
    for rate in change.get("draft_rates", ()):
        yield Supposed("Commission rate added", "" if rate.get("rate") is None else f"{rate['rate']} %", rate)
    for rate_id in change.get("ended_rates", ()):
        yield Supposed("Commission rate left out", f"…{str(rate_id)[-8:]}")
    for flag in change.get("draft_flags", ()):
        yield Supposed("Flag changed", str(flag["key"]), flag)
    for key in change.get("ended_flags", ()):
        yield Supposed("Flag left out", str(key))
    for price in change.get("price_changes", ()):
        product = names.get(str(price["product_id"]), f"…{str(price['product_id'])[-8:]}")
        yield Supposed("Price", f"{product}: {_amount(price)} {price['currency']}")


def histogram(bars: list[Document]) -> list[HistogramBar]:
    """From what falls most to what rises most, without empty bars at both ends."""
    counted = [index for index, bar in enumerate(bars) if bar["quotes"]]
    if not counted:
        return []
    highest = max(bar["quotes"] for bar in bars)
    return [
        HistogramBar(_span(bar), bar["quotes"], bar["quotes"] / highest, _side(bar))
        for bar in bars[counted[0] : counted[-1] + 1]
    ]


def _amount(price: Document) -> str:
    """With the digits of its currency, or all that it has."""
    amount = Decimal(str(price["price"]))
    digits = max(EXPONENTS.get(price["currency"], 2), -int(amount.as_tuple().exponent))
    return f"{amount:.{digits}f}"


def _side(bar: Document) -> str:
    low, high = bar["from_percent"], bar["to_percent"]
    return "" if low == high == 0 else "down" if high is not None and high <= 0 else "up"


def _span(bar: Document) -> str:
    low, high = bar["from_percent"], bar["to_percent"]
    if low == high == 0:
        return "the same"
    if low is None or high is None:
        return f"more than {abs(high if low is None else low)} % {'less' if low is None else 'more'}"
    near, far = sorted((abs(low), abs(high)))
    return f"{near} to {far} % {'less' if high <= 0 else 'more'}"

"""What a replay has counted so far: all of it small, however many quotes there are, and kept with how far the replay is.

Source: docs/spec/replay.md#result.
"""

from typing import Final

import msgspec

from quote_service.steering.replay.model.largest_changes import ChangedQuote
from quote_service.steering.replay.model.not_replayed import NotReplayed

# The amounts of a quote, in the order in which they are added up.
FIGURES: Final = (
    "item_total",
    "discount_amount",
    "platform_funded_discount",
    "delivery_fee",
    "small_basket_fee",
    "exclusive_tax",
    "inclusive_tax",
    "total_amount",
    "total_commission",
    "seller_commission",
    "category_commission",
    "logistics_commission",
    "payouts",
)
# Bounds of the histogram, in percent of the total before.
EDGES: Final = (-50, -25, -10, -5, -2, -1, 0, 1, 2, 5, 10, 25, 50)
# Before each edge, at 0, and after each edge.
BUCKETS: Final = len(EDGES) + 2
# Of one currency and dimension; what comes beyond is counted together.
GROUPS_MAX: Final = 10_000
THE_REST: Final = "*"
NOT_REPLAYED_SHOWN: Final = 100
# Of a group: lines or quotes; revenue, discount and commission before, and after.
GROUP_SIZE: Final = 7


def _no_figures() -> list[int]:
    return [0] * len(FIGURES)


class CurrencyTally(msgspec.Struct):
    """The quotes in one currency; amounts in its minor units. `sellers`, `categories` and `regions` hold GROUP_SIZE sums each."""

    exponent: int
    quotes: int = 0
    changed: int = 0
    up: int = 0
    down: int = 0
    before: list[int] = msgspec.field(default_factory=_no_figures)
    after: list[int] = msgspec.field(default_factory=_no_figures)
    sellers: dict[str, list[int]] = {}
    categories: dict[str, list[int]] = {}
    regions: dict[str, list[int]] = {}
    histogram: list[int] = msgspec.field(default_factory=lambda: [0] * BUCKETS)
    largest: list[ChangedQuote] = []


class Tally(msgspec.Struct):
    """All of it. `not_replayed` counts by reason, `examples` are the first of them; `lines_not_moved` kept their price."""

    seen: int = 0
    replayed: int = 0
    lines_not_moved: int = 0
    not_replayed: dict[str, int] = {}
    examples: list[NotReplayed] = []
    currencies: dict[str, CurrencyTally] = {}

    def leave_out(self, quote: NotReplayed) -> None:
        """Count a quote that could not be priced again as it was."""
        self.not_replayed[quote.reason] = self.not_replayed.get(quote.reason, 0) + 1
        if len(self.examples) < NOT_REPLAYED_SHOWN:
            self.examples.append(quote)


# JSON, since what is shown is kept in it as it will be shown.
_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(Tally).decode


def pack_tally(tally: Tally) -> bytes:
    """A tally as it is kept."""
    return _encode(tally)


def unpack_tally(packed: bytes) -> Tally:
    """A tally that was kept.

    Raises:
        msgspec.ValidationError: An earlier release kept it, in another form.
    """
    return _decode(packed)

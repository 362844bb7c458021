"""Price experiments as they are written and shown.

Source: docs/spec/price-experiments.md.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import ExactNumber, NotANumber, scale_decimal
from quote_service.platform.money.quantities import PercentChange, quantity_faults
from quote_service.platform.system.errors import Conflict, Fault
from quote_service.shop.catalog.model.prices import Currency

Design = Literal["clusters", "switchback"]
Metric = Literal["profit", "revenue", "units"]
State = Literal["draft", "running", "ended", "stopped"]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"\S")]
Note = Annotated[str, msgspec.Meta(max_length=2000)]
BP_PLACES: Final = 2
PRODUCTS_MAX: Final = 2000
#: Of this many pairs or more, a difference can be distinguished from chance at all: 2 of 64 throws are within five in a hundred.
PAIRS_MIN: Final = 6
_CHANGE_MAX_BP: Final = 5_000


class PriceExperimentState(Conflict):
    code = "price-experiment-state"
    title = "Price experiment state does not allow this"


class NotStarted(msgspec.Struct, frozen=True):
    """Why a price cannot be part of an experiment."""

    product_id: UUID
    """The product."""
    reason: str
    """The rule that the test price is past, `claimed` by another experiment, `not_sold`, or what else stands in the way."""


class PriceExperimentCannotStart(Conflict):
    """`products` says of each product what stands in the way."""

    code = "price-experiment-cannot-start"
    title = "Price experiment cannot start"
    products: tuple[NotStarted, ...]


class ClusterDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Products whose prices move together: what replaces each other belongs into one cluster."""

    name: Name
    """Name of the cluster."""
    product_ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=100)]
    """Its products, each in no other cluster."""


class PriceExperimentDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An experiment on prices: some products, or some stretches of time, have another price; nobody is distinguished."""

    name: Name
    """Name of the experiment."""
    note: Note | None = None
    """What is to be found out."""
    currency: Currency
    """Currency of the prices."""
    design: Design
    """`clusters`: of two clusters that sold alike one is treated throughout. `switchback`: each cluster is treated in one of
    every two periods.
    """
    change_percent: PercentChange | None = None
    """By how much treated prices change, -50 to 50, at most 2 decimals, rounded to prices as they may be written. null: the
    price decisions of treated products go on by their policies while those of the others rest; for `clusters` only.
    """
    metric: Metric = "profit"
    """What the experiment is decided by; the others are reported too. Profit is revenue less cost."""
    days: Annotated[int, msgspec.Meta(ge=1, le=365)]
    """How long it runs. A switchback takes as many whole pairs of periods as fit."""
    period_hours: Annotated[int, msgspec.Meta(ge=1, le=336)] = 24
    """Length of a period of a switchback."""
    washout_hours: Annotated[int, msgspec.Meta(ge=0, le=168)] = 4
    """Of each period the first hours are left out, in which shoppers may still have the price before in mind."""
    before_days: Annotated[int, msgspec.Meta(ge=1, le=365)] = 28
    """Clusters are paired and compared by what they sold in so many days before the start."""
    clusters: Annotated[list[ClusterDraft], msgspec.Meta(min_length=1, max_length=100)]
    """The clusters, up to 2 000 products together; at least two for `clusters`."""

    @property
    def change_bp(self) -> int | None:
        """The change in basis points; None for price decisions."""
        return None if self.change_percent is None else scale_decimal(self.change_percent, BP_PLACES)

    @property
    def blocks(self) -> int:
        """Pairs of periods of a switchback."""
        return self.days * 24 // (2 * self.period_hours)


def draft_faults(draft: PriceExperimentDraft) -> Iterator[Fault]:
    """What is wrong with a draft beyond its types."""
    yield from quantity_faults(draft, "", BP_PLACES)
    if draft.currency not in EXPONENTS:
        yield Fault("/currency", "is not an ISO 4217 currency code")
    if draft.change_percent is None:
        if draft.design == "switchback":
            yield Fault(
                "/change_percent", "is required for a switchback: price decisions do not begin and end by the hour"
            )
    else:
        yield from _change_faults(draft.change_percent)
    if draft.design == "clusters":
        if len(draft.clusters) < 2:
            yield Fault("/clusters", "needs two clusters at least, of which one is treated")
        if draft.washout_hours >= draft.days * 24:
            yield Fault("/washout_hours", "leaves nothing of the experiment")
    if draft.design == "switchback":
        if draft.washout_hours >= draft.period_hours:
            yield Fault("/washout_hours", "leaves nothing of a period")
        if draft.blocks < 1:
            yield Fault("/days", "is too short for two periods")
        if draft.blocks > 1000:
            yield Fault("/period_hours", "gives more than 1 000 pairs of periods")
    seen: set[UUID] = set()
    names: set[str] = set()
    for place, cluster in enumerate(draft.clusters):
        if cluster.name in names:
            yield Fault(f"/clusters/{place}/name", "is that of another cluster")
        names.add(cluster.name)
        for number, product_id in enumerate(cluster.product_ids):
            if product_id in seen:
                yield Fault(f"/clusters/{place}/product_ids/{number}", "is in the experiment twice")
            seen.add(product_id)
    if len(seen) > PRODUCTS_MAX:
        yield Fault("/clusters", f"holds more than {PRODUCTS_MAX} products")


def _change_faults(percent: ExactNumber) -> Iterator[Fault]:
    try:
        change = scale_decimal(percent, BP_PLACES)
    except NotANumber:
        yield Fault("/change_percent", "has at most 2 decimals")
        return
    if change == 0:
        yield Fault("/change_percent", "changes nothing")
    elif abs(change) > _CHANGE_MAX_BP:
        yield Fault("/change_percent", "is between -50 and 50")


class ExperimentProduct(msgspec.Struct, frozen=True, kw_only=True):
    """A product of an experiment."""

    product_id: UUID
    """The product."""
    control_price: ExactNumber | None
    """The price it had at the start; null before."""
    treated_price: ExactNumber | None
    """The price when it is treated; null before the start and for price decisions."""


class ExperimentCluster(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster of an experiment."""

    name: str
    """Name of the cluster."""
    pair: int | None
    """Number of its pair, from 1; null before the start, for a switchback, and for a cluster without a partner."""
    is_treated: bool | None
    """Whether its prices are treated now; null before the start and after the end."""
    products: list[ExperimentProduct]
    """Its products."""


class PriceExperiment(msgspec.Struct, frozen=True, kw_only=True):
    """A price experiment, as a list shows it."""

    id: UUID
    """Identifies the experiment."""
    name: str
    """Name of the experiment."""
    note: str | None
    """What is to be found out."""
    state: Annotated[State, Renamed("status")]
    """`ended`: it ran as long as planned. `stopped`: before that, by a person or because somebody else moved a price; while
    prices go back it is `running` with a `reason`.
    """
    currency: str
    """ISO 4217 code."""
    design: Design
    """`clusters` or `switchback`."""
    change_percent: ExactNumber | None
    """By how much treated prices change; null for price decisions."""
    metric: Metric
    """What it is decided by."""
    days: int
    """How long it runs."""
    period_hours: int
    """Length of a period of a switchback."""
    washout_hours: int
    """Left out of each period."""
    before_days: int
    """Days before the start that clusters are compared by."""
    started_at: datetime | None
    """When it started; null for a draft."""
    ends_at: datetime | None
    """When it ends, or ended; null for a draft."""
    reason: str | None
    """Why it was stopped, or is being stopped; null otherwise."""
    version: int
    """Version of the experiment; `ETag` follows it."""
    created_at: datetime
    """When it was created."""
    created_by: str
    """Id of who created it."""
    updated_at: datetime
    """When it was last changed."""
    changed_by: Annotated[str, Renamed("updated_by")]
    """Id of who changed it last, or the name of a part of the system."""


class PriceExperimentDetail(PriceExperiment, frozen=True, kw_only=True):
    """A price experiment with its clusters."""

    seed: str
    """All coins follow from it, so that the assignment can be worked out again."""
    clusters: list[ExperimentCluster]
    """Its clusters."""
    not_restored: list[NotStarted]
    """Prices that could not go back to what they were at the start, with the reason; decide on them by hand."""


class StopDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why an experiment is stopped."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=r"\S")]
    """Why, in words."""

"""What is said of a change set before it is published.

Source: docs/spec/change-sets.md#check-and-simulation.
"""

from datetime import datetime
from typing import Annotated, Any

import msgspec

from quote_service.platform.money.numbers import ExactNumber
from quote_service.pricing.basket import Basket
from quote_service.pricing.check.finding import Finding

BASKETS_MAX = 20
Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class ChangeSetCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What would become of the set and of the rulebook, were it published now."""

    edition: int
    """The edition that was checked."""
    errors: list[dict[str, str]]
    """What keeps the set from being published, each with `pointer` and `detail`; empty if nothing does. Reviews are not looked at."""
    findings: list[Finding]
    """What the rule check finds about the resulting rulebook and not about the current one, the most severe first."""
    resolved_findings: list[Finding]
    """What it finds about the current rulebook and not about the resulting one."""
    is_complete: bool
    """Whether everything was looked at."""


class SimulatedBaskets(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Baskets to price with and without the set."""

    baskets: Annotated[list[Basket], msgspec.Meta(max_length=BASKETS_MAX)] = []
    """Quote requests."""
    sample: Annotated[int, msgspec.Meta(ge=0, le=BASKETS_MAX)] = 0
    """How many baskets of the quotes accepted last to price as well."""
    at: Instant | None = None
    """The instant to price for; null for `publish_at` of a scheduled set, and now otherwise."""


class BasketSimulation(msgspec.Struct, frozen=True, kw_only=True):
    """A basket as it is priced by the current rulebook, and by that with the set."""

    now: dict[str, Any]
    """The quote by the current rulebook, without id and signature."""
    simulated: dict[str, Any]
    """The quote by the rulebook with the set, without id and signature."""
    difference: dict[str, ExactNumber]
    """Simulated amounts less the current amounts, by field, in the quote's currency."""


class ChangeSetSimulation(msgspec.Struct, frozen=True, kw_only=True):
    """What a set does to some baskets."""

    at: datetime
    """The instant that both are priced for."""
    edition: int
    """The edition that was simulated."""
    changed: int
    """How many of the baskets come to another amount."""
    left_out: int
    """Sampled baskets that cannot be priced any more, such as those with products that are gone."""
    baskets: list[BasketSimulation]
    """The given baskets in their order, then the sampled ones, the newest first."""


class ReplayedPeriod(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The accepted quotes to replay with a set."""

    from_: Instant = msgspec.field(name="from")
    """Replay quotes accepted from this instant on."""
    to: Instant | None = None
    """Replay quotes accepted before this instant; null for now."""
    sample: Annotated[
        ExactNumber, msgspec.Meta(extra_json_schema={"type": "number", "exclusiveMinimum": 0, "maximum": 1})
    ] = ExactNumber(1)
    """Share of the quotes to replay, above 0 and at most 1."""

"""A price experiment as it is carried out: which price a product is to have at an instant. Pure.

Source: docs/spec/price-experiments.md#designs.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec

from quote_service.intelligence.price_experiments.model.assignment import Stretch, is_treated, stretches
from quote_service.intelligence.price_experiments.model.experiments import Design, Metric, State
from quote_service.platform.money.amounts import amount_text
from quote_service.platform.money.numbers import ExactNumber, written_number


class Product(msgspec.Struct, frozen=True):
    """A product with its prices in minor units; None before the start."""

    product_id: UUID
    exponent: int | None
    control_minor: int | None
    treated_minor: int | None
    cost_minor: int | None
    set_minor: int | None
    not_restored: str | None = None

    def shown(self, price_minor: int | None) -> ExactNumber | None:
        """A price of it with the currency's digits."""
        return None if price_minor is None else written_number(amount_text(price_minor, self.exponent or 0))


class Cluster(msgspec.Struct, frozen=True):
    """Products that are treated together, with what they sold before."""

    number: int
    name: str
    pair: int | None
    is_treated: bool | None
    base_revenue: Decimal
    base_profit: Decimal
    base_units: Decimal
    products: tuple[Product, ...]


class Running(msgspec.Struct, frozen=True):
    """An experiment; see `PriceExperiment` for what its members mean."""

    id: UUID
    state: State
    currency: str
    design: Design
    change_bp: int | None
    metric: Metric
    days: int
    period_hours: int
    washout_hours: int
    before_days: int
    seed: str
    started_at: datetime | None
    ends_at: datetime | None
    clusters: tuple[Cluster, ...]

    @property
    def stretches(self) -> list[Stretch]:
        """The periods of a switchback that has started, whole pairs of them."""
        assert self.started_at is not None
        blocks = self.days * 24 // (2 * self.period_hours)
        return stretches(self.started_at, blocks, self.period_hours, self.washout_hours)

    def end_from(self, started_at: datetime) -> datetime:
        """When an experiment that starts then ends."""
        if self.design == "clusters":
            return started_at + timedelta(days=self.days)
        return started_at + timedelta(hours=2 * self.period_hours * (self.days * 24 // (2 * self.period_hours)))

    def is_over(self, instant: datetime) -> bool:
        """Whether prices go back."""
        return self.ends_at is not None and self.ends_at <= instant

    def treated_at(self, cluster: Cluster, instant: datetime) -> bool:
        """Whether a cluster is treated at an instant while the experiment runs."""
        if self.design == "clusters":
            return bool(cluster.is_treated)
        now = next((each for each in self.stretches if each.begins_at <= instant < each.ends_at), None)
        return now is not None and is_treated(self.seed, cluster.number, now)

    def next_change(self, instant: datetime) -> datetime:
        """The next instant at which anything changes."""
        assert self.ends_at is not None
        if self.design == "clusters":
            return self.ends_at
        return min((each.begins_at for each in self.stretches if each.begins_at > instant), default=self.ends_at)

    def wanted_minor(self, product: Product, *, treated: bool) -> int | None:
        """The price that a product is to have; None where the experiment sets none."""
        if self.change_bp is None:
            return None
        return product.treated_minor if treated else product.control_minor

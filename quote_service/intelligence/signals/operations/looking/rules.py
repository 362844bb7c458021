"""The thresholds that count for each product of a batch, read once.

Source: docs/spec/signals.md#thresholds.
"""

from collections.abc import Iterable
from uuid import UUID

from quote_service.intelligence.signals.model.signals import SignalKind
from quote_service.intelligence.signals.model.thresholds import Rule, ThresholdRecord, rule_for
from quote_service.intelligence.signals.tables.thresholds import paths_of_products, thresholds_for
from quote_service.platform.postgres.pool import Connection


class Rules:
    """Which rule counts for which product."""

    __slots__ = ("_found", "_paths", "_thresholds")

    def __init__(self, thresholds: list[ThresholdRecord], paths: dict[UUID, list[UUID]]) -> None:
        self._thresholds = thresholds
        self._paths = paths
        self._found: dict[tuple[SignalKind, UUID | None], Rule] = {}

    @classmethod
    async def read(cls, connection: Connection, product_ids: Iterable[UUID]) -> "Rules":
        """Those of the products."""
        wanted = list(product_ids)
        return cls(await thresholds_for(connection, wanted), await paths_of_products(connection, wanted))

    def of(self, kind: SignalKind, product_id: UUID | None) -> Rule:
        """The one that counts."""
        key = kind, product_id
        if key not in self._found:
            path = [] if product_id is None else self._paths.get(product_id, [])
            self._found[key] = rule_for(kind, self._thresholds, product_id, path)
        return self._found[key]

"""What a refund will give back of commission, as rates say it at the moment.

Source: docs/spec/commission.md#refunds.
"""

from collections.abc import Collection
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.pricing.commission.rate import OnRefund
from quote_service.rulebook.commission_rates.tables.commission_rates import read_refund_rules


async def refund_rules(connection: Connection, rate_ids: Collection[UUID]) -> dict[UUID, OnRefund]:
    """The rule of each of some rates by its id, in one statement; whoever places orders keeps it with them."""
    return await read_refund_rules(connection, rate_ids) if rate_ids else {}

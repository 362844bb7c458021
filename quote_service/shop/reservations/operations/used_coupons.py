"""The coupons that quotes have used: told with the quotes, or without whose they were.

Source: docs/spec/customers.md#export; docs/spec/customers.md#erasure.
"""

from collections.abc import Collection
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.shop.reservations.model.used_coupon import UsedCoupon
from quote_service.shop.reservations.tables.coupon_uses import forget_users, uses_by_quote


async def used_coupons(connection: Connection, quote_ids: Collection[UUID]) -> dict[UUID, list[UsedCoupon]]:
    """For each of these quotes the coupons that it has used, by rule."""
    used: dict[UUID, list[UsedCoupon]] = {quote_id: [] for quote_id in quote_ids}
    for quote_id, use in await uses_by_quote(connection, quote_ids):
        used[quote_id].append(use)
    return used


async def forget_users_of_coupons(connection: Connection, quote_ids: Collection[UUID]) -> None:
    """Take an erased customer out of the uses of these quotes; the counts stay."""
    await forget_users(connection, quote_ids)

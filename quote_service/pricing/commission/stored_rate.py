"""A commission rate as it is stored: what was written, with its identity and when it changed.

`changed_in` is the rulebook version in which the row became what it is. Equal texts and numbers of one reading are one
object, so that a million rates stay small.

Source: docs/spec/commission.md.
"""

import msgspec

from quote_service.platform.money.numbers import ExactNumber
from quote_service.pricing.commission.rate import CommissionScope, CommissionTier, CommissionType, Dimension


class StoredRate(msgspec.Struct, frozen=True, gc=False):
    """A commission rate that counts, now or later; identifiers are canonical lower-case text.

    `scope` and `split` are None where none was given. Instants are microseconds, an open end is FOREVER.
    """

    id: str
    seller_id: str | None
    category_id: str | None
    logistics_provider: str | None
    commission_type: CommissionType
    rate: ExactNumber | None
    min_amount: ExactNumber | None
    max_amount: ExactNumber | None
    tiers: tuple[CommissionTier, ...] | None
    scope: CommissionScope | None
    split: tuple[tuple[Dimension, ExactNumber], ...] | None
    currency: str | None
    region: str | None
    region_key: str
    effective_from_us: int
    effective_to_us: int
    priority: int
    changed_in: int

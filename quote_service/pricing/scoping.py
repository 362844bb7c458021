"""What rates and rules are scoped by: a region, a currency and a half-open period.

Source: docs/spec/wire.md#time; docs/spec/wire.md#regions.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import msgspec

from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.system.errors import Fault
from quote_service.pricing.regions import RegionUnreadable, region_key

Priority = Annotated[int, msgspec.Meta(ge=-1_000_000, le=1_000_000)]


def scoping_faults(
    region: str | None,
    currency: str | None,
    effective_from: datetime | None,
    effective_to: datetime | None,
) -> Iterator[Fault]:
    """What is wrong with the scope of a rate or a rule; pointers are relative to it."""
    try:
        region_key(region)
    except RegionUnreadable as unreadable:
        yield Fault("/region", str(unreadable))
    if currency is not None and currency not in EXPONENTS:
        yield Fault("/currency", "is not an ISO 4217 currency code")
    if effective_from is not None and effective_to is not None and effective_to <= effective_from:
        yield Fault("/effective_to", "must be after effective_from")

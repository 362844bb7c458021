"""What another service asks about a flag, and what it is told.

Source: docs/spec/feature-flags.md#evaluation.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from quote_service.platform.system.errors import Fault
from quote_service.pricing.basket import Address, Name
from quote_service.pricing.countries import COUNTRIES
from quote_service.pricing.regions import RegionUnreadable, region_key

Reason = Literal["STATIC", "TARGETING_MATCH", "SPLIT", "DEFAULT", "DISABLED"]


class EvaluationAddress(Address, forbid_unknown_fields=True):
    """The delivery address, as in a quote; country, city and district are looked at."""


class EvaluationRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whom a flag is evaluated for, as far as known.

    `region` (a path as in rules, or the name of a city or district) is for when no full address is known.
    `attributes` are those that a flag may hash instead of the customer id.
    """

    customer_id: UUID | None = None
    """The customer; null if unknown."""
    customer_tier: Name | None = None
    """The customer's tier; by default that of the customer's record."""
    customer_segments: Annotated[list[Name], msgspec.Meta(max_length=1000)] | None = None
    """Segments the customer is in; by default those of the customer's record."""
    segments: Annotated[list[Name], msgspec.Meta(max_length=1000)] | None = None
    """Another name of `customer_segments`; one of the two may be given."""
    region: Annotated[str, msgspec.Meta(max_length=400)] | None = None
    """Where the customer is: a path such as `TR/Istanbul`, or the name of a city or district. Not together with
    `delivery_address`.
    """
    delivery_address: EvaluationAddress | None = None
    """Where the order goes. Not together with `region`."""
    attributes: Annotated[dict[Name, Name | int], msgspec.Meta(max_length=100)] | None = None
    """Attributes that a flag may hash instead of the customer id (`stickiness`), by name."""
    ab_test_group: Name | None = None
    """The customer's test group, for flags that accept it."""


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """What a flag evaluates to for a customer.

    `value` is null where the flag has none for this customer; `bucket` counts as the flag's algorithm does, and is null
    without the customer or attribute that the flag goes by.
    """

    key: str
    """The flag's key."""
    value: Any
    """The value for this customer; null if the flag has none."""
    variant: str | None
    """Key of the variant that was chosen; null if none was."""
    reason: Reason
    """How the value was decided: `STATIC` no rollout, `TARGETING_MATCH` by segment, tier, region or override, `SPLIT`
    by percentage or weight, `DEFAULT` outside the rollout, `DISABLED` switched off or outside its period.
    """
    version: int
    """Version of the flag."""
    bucket: int | None
    """The customer's bucket by the flag's algorithm; null without the customer id or attribute that the flag hashes.
    """
    error_code: Literal["TARGETING_KEY_MISSING"] | None
    """`TARGETING_KEY_MISSING` if the request lacks what the flag hashes: `value` is then the flag's default for want of it."""
    error_details: str | None
    """What the request lacks; null if nothing."""


def evaluation_faults(asked: EvaluationRequest) -> Iterator[Fault]:
    """What the types cannot say of a request."""
    if asked.customer_segments is not None and asked.segments is not None:
        yield Fault("/segments", "is another name of customer_segments; give only one of them")
    if asked.region is not None:
        if asked.delivery_address is not None:
            yield Fault("/region", "cannot be combined with delivery_address")
        try:
            region_key(asked.region)
        except RegionUnreadable as unreadable:
            yield Fault("/region", str(unreadable))
    if asked.delivery_address is not None and asked.delivery_address.country not in COUNTRIES:
        yield Fault("/delivery_address/country", "is not an ISO 3166-1 alpha-2 country code")

"""What another service asks about a flag, and what it is told.

Source: spec 6, Evaluation.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from quote_service.domain.basket import Address, Name
from quote_service.domain.countries import COUNTRIES
from quote_service.domain.errors import Fault
from quote_service.domain.regions import RegionUnreadable, region_key

Reason = Literal["STATIC", "TARGETING_MATCH", "SPLIT", "DEFAULT", "DISABLED"]


class EvaluationAddress(Address, forbid_unknown_fields=True):
    """The delivery address, as in a quote; country, city and district are looked at."""


class EvaluationRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whom a flag is evaluated for, as far as known.

    `region` (a path as rules have it, or a bare place name) stands for an address of which no more is known.
    `attributes` are those that a flag may hash in the customer's place.
    """

    customer_id: UUID | None = None
    customer_tier: Name | None = None
    segments: Annotated[list[Name], msgspec.Meta(max_length=1000)] | None = None
    region: Annotated[str, msgspec.Meta(max_length=400)] | None = None
    delivery_address: EvaluationAddress | None = None
    attributes: Annotated[dict[Name, Name | int], msgspec.Meta(max_length=100)] | None = None
    ab_test_group: Name | None = None


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """What a flag says to somebody.

    `value` is null where the flag has none for this customer; `bucket` counts as the flag's algorithm does, and is null
    without the customer or attribute that the flag goes by.
    """

    key: str
    value: Any
    variant: str | None
    reason: Reason
    version: int
    bucket: int | None


def evaluation_faults(asked: EvaluationRequest) -> Iterator[Fault]:
    """What the types cannot say of a request."""
    if asked.region is not None:
        if asked.delivery_address is not None:
            yield Fault("/region", "is given beside delivery_address; one of them says where")
        try:
            region_key(asked.region)
        except RegionUnreadable as unreadable:
            yield Fault("/region", str(unreadable))
    if asked.delivery_address is not None and asked.delivery_address.country not in COUNTRIES:
        yield Fault("/delivery_address/country", "is no ISO 3166-1 alpha-2 country code")

"""The evaluation context of OFREP: whom a flag is asked for, as an OpenFeature SDK sends it.

What a context holds beyond the names known here is an attribute of its program, which a flag may hash. Unknown members
beside the context are passed over: later versions of the protocol may have some.

Source: docs/spec/ofrep.md#context.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import msgspec

from quote_service.platform.documents.documents import read_value
from quote_service.platform.documents.exact_json import parse_json
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.pricing.basket import Name
from quote_service.pricing.countries import COUNTRIES
from quote_service.pricing.regions import GLOBAL, RegionUnreadable, address_regions, region_key, regions_around

TARGETING_KEY = "targetingKey"
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


class OfrepContext(msgspec.Struct, frozen=True, kw_only=True, rename={"targeting_key": TARGETING_KEY}):
    """Whom flags are evaluated for. Any other members are attributes, which a flag may hash instead of the key."""

    targeting_key: Annotated[str, msgspec.Meta(max_length=1000)] | None = None
    """What flags hash: the customer id. A UUID in capitals is the same as in small letters."""
    tier: Name | None = None
    """The customer's tier; by default that of the customer's record."""
    segments: Annotated[list[Name], msgspec.Meta(max_length=1000)] | None = None
    """Segments the customer is in; by default those of the customer's record."""
    country: Annotated[str, msgspec.Meta(max_length=2)] | None = None
    """Country of the customer, ISO 3166-1 alpha-2."""
    city: Name | None = None
    """City of the customer."""
    district: Name | None = None
    """District of the customer."""
    region: Annotated[str, msgspec.Meta(max_length=400)] | None = None
    """Where the customer is: a path such as `TR/Istanbul`, or the name of a city or district."""
    ab_test_group: Name | None = None
    """The customer's test group, for flags that accept it."""


class OfrepRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What OFREP evaluates flags with."""

    context: OfrepContext
    """The evaluation context; it may be empty."""


class Asked(msgspec.Struct, frozen=True):
    """A context as it was read: what is known by name, the regions that contain the place, and the attributes."""

    known: OfrepContext
    regions: Mapping[str, int]
    attributes: Mapping[str, str]

    @property
    def unit(self) -> str | None:
        """The targeting key in the form that quotes hash; None without one, or with an empty one."""
        key = self.known.targeting_key
        return (key.lower() if is_customer_id(key) else key) if key else None


def is_customer_id(key: str) -> bool:
    """Whether a targeting key has the form of a customer's id."""
    return _UUID.fullmatch(key) is not None


def read_context(body: bytes) -> Asked:
    """Read the body of an evaluation.

    Raises:
        Malformed: It is no JSON document.
        Invalid: It has no context, or one that cannot be used.
    """
    document = parse_json(body)
    known = read_value(document, OfrepRequest).context
    faults = tuple(_place_faults(known))
    if faults:
        raise Invalid.because(faults)
    given: dict[str, Any] = document["context"]
    attributes = {name: text for name, value in given.items() if (text := _text_of(value)) is not None}
    return Asked(known, _regions(known), attributes)


def _place_faults(known: OfrepContext) -> Iterator[Fault]:
    if known.country is not None and known.country.upper() not in COUNTRIES:
        yield Fault("/context/country", "is not an ISO 3166-1 alpha-2 country code")
    try:
        region_key(known.region)
    except RegionUnreadable as unreadable:
        yield Fault("/context/region", str(unreadable))


def _regions(known: OfrepContext) -> dict[str, int]:
    """The keys of all regions around what is known of the place. Several contexts may have been merged by the SDK, so
    that a region stands beside an address: both hold.
    """
    regions = {GLOBAL: 0} if known.region is None else dict(regions_around(known.region))
    if known.country is not None:
        regions |= regions_around(known.country)
    # An address without its country is known by the names of its places alone.
    if known.city:
        regions |= address_regions(known.country or "", known.city, known.district)
    elif known.district:
        regions |= address_regions("", known.district, None)
    return regions


def _text_of(value: Any) -> str | None:
    """An attribute as flags hash it; None for what is no text, number or boolean."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (str, int, ExactNumber)) else None

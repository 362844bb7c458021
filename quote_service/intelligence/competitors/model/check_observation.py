"""What is wrong with a well-formed observation that was pushed.

Source: docs/spec/competitors.md#pushing-observations.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from quote_service.intelligence.competitors.model.found_offers import NOT_SOLD
from quote_service.intelligence.competitors.model.gtin import gtin_14
from quote_service.intelligence.competitors.model.listings import PushedObservation
from quote_service.intelligence.competitors.model.web_urls import web_url
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.quantities import FACTOR_PLACES, quantity_faults
from quote_service.platform.system.errors import Fault

#: What a listing is called is looked up by an index, whose entries have a length.
NAME_BYTES_MAX = 2000


def observation_faults(
    given: PushedObservation, pointer: str, at: datetime, days: timedelta, ahead: timedelta
) -> tuple[Fault, ...]:
    """Every fault.

    Args:
        given: The observation.
        pointer: Where it stands in what was sent.
        at: Now.
        days: How old it may be.
        ahead: By how much a clock may be fast.
    """
    return tuple(_faults(given, pointer, at, days, ahead))


def _faults(given: PushedObservation, pointer: str, at: datetime, days: timedelta, ahead: timedelta) -> Iterator[Fault]:
    if given.currency not in EXPONENTS:
        yield Fault(f"{pointer}/currency", "is not an ISO 4217 code")
    yield from quantity_faults(given, pointer, FACTOR_PLACES)
    if given.price is None and given.availability not in NOT_SOLD:
        yield Fault(f"{pointer}/price", "is required unless availability is out_of_stock or discontinued")
    if given.gtin is not None and gtin_14(given.gtin) is None:
        yield Fault(
            f"{pointer}/gtin", "is not a GTIN: its length or check digit is wrong, or it is for use within a company"
        )
    if given.url is not None and len(given.url.encode()) > NAME_BYTES_MAX:
        yield Fault(f"{pointer}/url", f"must have at most {NAME_BYTES_MAX} bytes")
    elif given.url is not None and web_url(given.url) is None:
        yield Fault(f"{pointer}/url", "must be an http or https URL, without a user")
    for name in ("external_id", "sku"):
        if (text := getattr(given, name)) is not None and not text.strip():
            yield Fault(f"{pointer}/{name}", "must not be blank")
    if not (given.external_id or given.sku or given.gtin or given.url):
        yield Fault(pointer, "needs one of external_id, sku, gtin and url")
    if given.list_price is not None and given.price is not None and given.list_price < given.price:
        yield Fault(f"{pointer}/list_price", "must not be less than price")
    if given.observed_at is not None and not at - days <= given.observed_at <= at + ahead:
        yield Fault(f"{pointer}/observed_at", "must be within the last 30 days, and not in the future")

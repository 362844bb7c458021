"""What delivery costs, where it depends on the country: Google's `shipping`, and the destinations of schema.org.

Source: Google Merchant Center's product data specification, `shipping`; docs/spec/competitors.md#feeds.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from quote_service.intelligence.competitors.model.reading.price_text import read_amount

# `US:CA:Overnight:16.00 USD`, and further ones behind commas: a new one begins with a country or a colon.
_NEXT = re.compile(r",\s*(?=[A-Za-z]{2}:|:)")
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


class _Rate(NamedTuple):
    country: str | None
    region: str | None
    price: Decimal | None


def shipping_to(country: str | None, value: Any, currency: str) -> Decimal | None:
    """What delivery to a country costs: the cheapest service for all of it; None where that is not said.

    Args:
        country: ISO 3166-1; None where nobody has said which, so that only one price for all is a price.
        value: An amount; Google's text; or its groups, as they are in XML and JSON.
        currency: Of the offer.
    """
    rates = _rates(value, currency)
    named = [rate for rate in rates if rate.country is not None]
    meant = [rate for rate in named if rate.country == country] or [rate for rate in rates if rate.country is None]
    if country is None and named:
        meant = rates
    everywhere = [rate for rate in meant if not rate.region]
    prices = {rate.price for rate in everywhere or meant}
    if None in prices or not prices:
        return None
    is_one = len({rate.country for rate in meant}) == 1 and bool(everywhere)
    cheapest = min(price for price in prices if price is not None)
    return cheapest if is_one or len(prices) == 1 else None


def names_country(value: Any) -> bool:
    """Whether prices are told by country."""
    return any(rate.country is not None for rate in _rates(value, ""))


def goes_to(country: str | None, destinations: Any) -> bool:
    """Whether schema.org's `shippingDestination`, of plain values, leads to a country; one that is not said leads everywhere."""
    listed = destinations if isinstance(destinations, list) else [destinations]
    codes = {_code(code) for each in listed if isinstance(each, Mapping) for code in _countries(each)}
    return country is None or not codes - {None} or country in codes


def _countries(destination: Mapping[str, Any]) -> list[Any]:
    reported = destination.get("addressCountry")
    listed = reported if isinstance(reported, list) else [reported]
    return [each.get("name") if isinstance(each, Mapping) else each for each in listed]


def _rates(value: Any, currency: str) -> list[_Rate]:
    found = []
    for part in _parts(value):
        if isinstance(part, Mapping):
            price = part.get("price")
            if isinstance(price, Mapping):
                price = price.get("value", price.get("amount"))
            region = next((part[name] for name in ("region", "postal_code", "location_id") if part.get(name)), None)
            found.append(_Rate(_code(part.get("country")), _text(region), read_amount(price, currency)))
        elif isinstance(part, str) and ":" in part:
            names = part.split(":")
            # country, region, service, price, and days of handling and transit behind it.
            price = names[3] if len(names) > 3 else names[-1]
            found.append(
                _Rate(_code(names[0]), _text(names[1]) if len(names) > 2 else None, read_amount(price, currency))
            )
        else:
            found.append(_Rate(None, None, read_amount(part, currency)))
    return found


def _parts(value: Any) -> list[Any]:
    if isinstance(value, str):
        return _NEXT.split(value) if ":" in value else [value]
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _code(value: Any) -> str | None:
    text = value.strip().upper() if isinstance(value, str) else ""
    return text if _COUNTRY.fullmatch(text) else None


def _text(value: Any) -> str | None:
    return str(value).strip() or None if value is not None else None

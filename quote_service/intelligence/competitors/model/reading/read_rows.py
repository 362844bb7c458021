"""Offers out of rows with names: lines of a feed, items of a JSON answer.

The names are those of Google Merchant Center unless the source says others; a price may carry its currency (`12.99 EUR`).

Source: docs/spec/competitors.md#feeds; Google Merchant Center's product data specification.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from quote_service.intelligence.competitors.model.found_offers import NOT_SOLD, FoundOffer
from quote_service.intelligence.competitors.model.gtin import gtin_14
from quote_service.intelligence.competitors.model.outcomes import LATER, Outcome, outcome_of_status
from quote_service.intelligence.competitors.model.reading.found_product import PageOffer, PageProduct
from quote_service.intelligence.competitors.model.reading.periods import Period, end_in_utc, read_period, split_period
from quote_service.intelligence.competitors.model.reading.price_text import read_amount, read_currency
from quote_service.intelligence.competitors.model.reading.read_page import found_offer, storable
from quote_service.intelligence.competitors.model.reading.schema_words import availability_of, condition_of
from quote_service.intelligence.competitors.model.reading.shipping import names_country, shipping_to
from quote_service.intelligence.competitors.model.reading.stated_price import plain_price, price_currency

#: What an offer is made of, and what it is called where the source does not say.
ROW_FIELDS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "offer_id", "item_id"),
    "title": ("title", "name"),
    "brand": ("brand",),
    "gtin": ("gtin", "ean", "upc", "isbn"),
    "sku": ("sku", "mpn", "id"),
    "url": ("link", "url"),
    "price": ("price",),
    "sale_price": ("sale_price",),
    "sale_period": ("sale_price_effective_date",),
    "list_price": ("list_price",),
    "currency": ("currency", "price_currency"),
    "shipping": ("shipping_price", "shipping"),
    "availability": ("availability", "stock"),
    "condition": ("condition",),
    "seller": ("seller",),
}
ROWS_MAX = 100_000
#: An index has so many letters, whatever they take.
_ID_MAX = 500
#: Python takes no number of thousands of digits.
_DIGITS_MAX = 1000
REFUSED_TOLD_MAX = 20


class RowsRead(NamedTuple):
    """The offers of a feed, and the first of the rows that are none, each with its reason.

    Attributes:
        told: What is to be known of rows that were taken.
        outcome: Why rows could not be had that may be had later; None where none such are.
        retry_after_seconds: How long the longest of them asks to wait.
        may_change: Whether a sale begins or ends later, so that the same rows may tell other prices then.
    """

    offers: list[FoundOffer]
    refused: int
    reasons: list[str]
    messages: list[str]
    outcome: Outcome | None = None
    retry_after_seconds: float = 0.0
    may_change: bool = False


def read_rows(
    rows: Iterable[tuple[str, Mapping[str, Any] | None]],
    fields: Mapping[str, str],
    currency: str | None,
    at: datetime | None = None,
    country: str | None = None,
) -> RowsRead:
    """Read every row by itself: a bad one does not spoil the others. Of rows with one id the first counts.

    Args:
        rows: Each with where it stands, such as `row 12`; None is one that is no row.
        fields: The source's own names; `a.b.c` leads into what is nested.
        currency: Where a row names none.
        at: Now, for sales that are limited in time; None takes them all.
        country: Where goods are delivered to (ISO 3166-1), for what delivery costs.
    """
    offers: dict[str, FoundOffer] = {}
    refused, reasons = 0, []
    unclear: list[str] = []
    may_change = False
    for place, row in rows:
        if len(offers) >= ROWS_MAX:
            reasons.append(f"{place}: there are more than {ROWS_MAX} rows; the rest is not read")
            break
        offer = "it is no JSON object" if row is None else _read_row(place, row, fields, currency, at, country)
        if isinstance(offer, FoundOffer) and offer.external_id in offers:
            offer = f"its id is that of {offers[offer.external_id].read_from}, which counts"
        if isinstance(offer, str):
            refused += 1
            if len(reasons) < REFUSED_TOLD_MAX:
                reasons.append(f"{place}: {offer}")
            continue
        offers[offer.external_id] = offer
        may_change = may_change or (row is not None and _sale_period(row, fields).changes_after(at))
        if offer.shipping is None and row is not None and names_country(_value(row, fields, "shipping")):
            unclear.append(place)
    return RowsRead(list(offers.values()), refused, reasons, _unclear_shipping(unclear, country), may_change=may_change)


def with_statuses(read: RowsRead, statuses: Mapping[str, int], retry_after_seconds: float = 0.0) -> RowsRead:
    """What was read, with items that were not answered, each with its HTTP status, and how long these ask to wait."""
    outcomes = {outcome_of_status(status) for status in statuses.values()}
    reasons = [f"{place}: the server answered {status} for it" for place, status in statuses.items()]
    return read._replace(
        refused=read.refused + len(statuses),
        reasons=[*reasons, *read.reasons][:REFUSED_TOLD_MAX],
        outcome=next((outcome for outcome in LATER if outcome in outcomes), None),
        retry_after_seconds=retry_after_seconds,
    )


def _unclear_shipping(places: Sequence[str], country: str | None) -> list[str]:
    if not places:
        return []
    where = "the source names no country" if country is None else f"nothing is said of {country}, or several prices are"
    return [f"{len(places)} rows without shipping, from {places[0]} on: {where}"]


def _value(row: Mapping[str, Any], fields: Mapping[str, str], name: str) -> Any:
    if name in fields:
        return within(row, fields[name])
    return next((row[known] for known in ROW_FIELDS[name] if row.get(known) not in (None, "")), None)


def _sale_period(row: Mapping[str, Any], fields: Mapping[str, str]) -> Period:
    reported = _value(row, fields, "sale_period")
    return read_period(*split_period(reported)) if isinstance(reported, str) else Period()


def _read_row(
    place: str,
    row: Mapping[str, Any],
    fields: Mapping[str, str],
    usual: str | None,
    at: datetime | None,
    country: str | None,
) -> FoundOffer | str:
    def value(name: str) -> Any:
        return _value(row, fields, name)

    def text(name: str, most: int = 1000) -> str | None:
        given = value(name)
        if given is None or isinstance(given, Mapping | list):
            return None
        return " ".join((storable(str(given)) or "").split())[:most] or None

    stated, availability = plain_price(value("price")), availability_of(_stock_word(value("availability")))
    currency = read_currency(text("currency") or price_currency(value("price")) or stated, usual)
    if stated in (None, "") and availability not in NOT_SOLD:
        return "there is no price"
    if not currency:
        return "the currency is not given"
    regular, reduced = read_amount(stated, currency), read_amount(plain_price(value("sale_price")), currency)
    begin, end = split_period(text("sale_period"))
    is_sale = reduced is not None and read_period(begin, end).counts_at(at)
    price = reduced if is_sale else regular
    gtin = gtin_14(text("gtin") or "")
    external_id = text("id", _ID_MAX + 1) or text("sku", _ID_MAX + 1) or gtin or text("url", _ID_MAX + 1)
    if external_id is None:
        return "there is neither an id nor a SKU, GTIN or link"
    if len(external_id) > _ID_MAX:
        return f"its id is longer than {_ID_MAX} characters"
    if price is None and availability not in NOT_SOLD:
        return "the price cannot be read"
    listed = [read_amount(plain_price(value("list_price")), currency), regular]
    higher = [amount for amount in listed if amount is not None and price is not None and amount > price]
    offer = PageOffer(
        currency=currency,
        price=price,
        list_price=max(higher, default=None),
        shipping=shipping_to(country, value("shipping"), currency),
        availability=availability,
        condition=condition_of(text("condition") or "new"),
        valid_until=end_in_utc(end or None) if is_sale else None,
        seller=text("seller"),
        read_from=place,
        excerpt=str(dict(list(row.items())[:40]))[:1000],
    )
    product = PageProduct(text("title"), text("brand"), text("sku"), gtin, text("url"), ())
    return found_offer(external_id, product, offer)


def within(value: Any, path: str) -> Any:
    """What stands at a path such as `price.amount` or `offers.0.price`; None where nothing does."""
    for part in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def _stock_word(value: Any) -> Any:
    """A word as it is; a number of units as the word for it."""
    if isinstance(value, bool):
        return "in stock" if value else "out of stock"
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value.strip()[-_DIGITS_MAX:])
    if isinstance(value, int):
        return "in stock" if value > 0 else "out of stock"
    return value

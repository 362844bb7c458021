"""Products and offers out of schema.org's vocabulary, in every shape that shops write it.

Nodes come as plain values: from JSON-LD, or from microdata that has been put into the same form. A product's offers are
those under `offers`, of whatever kind: one, a list, an AggregateOffer with or without its parts. Variants stand under
`hasVariant`, or refer to their group with `isVariantOf`. What is only recommended (`isRelatedTo`, `isSimilarTo`, lists of
other products) is not looked into.

Source: schema.org Product, ProductGroup, Offer, AggregateOffer, PriceSpecification; docs/spec/competitors.md#what-is-read.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from quote_service.intelligence.competitors.model.reading.found_product import PageOffer, PageProduct
from quote_service.intelligence.competitors.model.reading.node_values import (
    Node,
    gtin_of,
    list_of,
    name_of,
    text_of,
    word_of,
)
from quote_service.intelligence.competitors.model.reading.periods import Period, end_in_utc, read_period
from quote_service.intelligence.competitors.model.reading.price_text import read_amount, read_currency
from quote_service.intelligence.competitors.model.reading.schema_words import availability_of, condition_of
from quote_service.intelligence.competitors.model.reading.shipping import goes_to
from quote_service.intelligence.competitors.model.reading.specified_prices import (
    Specified,
    for_everybody,
    is_list_price,
    measure_of,
    specified_prices,
    unit_price_of,
)
from quote_service.intelligence.competitors.model.reading.stated_price import plain_price, price_currency

_PRODUCTS = frozenset(
    ("product", "productgroup", "individualproduct", "productmodel", "someproducts", "vehicle", "car", "book")
)
_WITHIN = ("@graph", "mainEntity", "mainEntityOfPage", "itemOffered", "about")
_DEPTH_MAX = 8
_PRODUCTS_MAX = 500
_EXCERPT = 2000


def read_products(
    nodes: Any, usual_currency: str | None, read_from: str, at: datetime | None = None, country: str | None = None
) -> list[PageProduct]:
    """Every product that has offers, its variants each by itself.

    Args:
        nodes: Plain values, fractions as Decimal.
        usual_currency: Where an offer names none.
        read_from: What the nodes were read from, for the evidence.
        at: Now, for prices that are limited in time; None takes them all.
        country: Where goods are delivered to (ISO 3166-1).
    """
    by_id = {node["@id"]: node for node in _every(nodes, 0) if isinstance(node.get("@id"), str) and len(node) > 1}
    reader = _Reader(by_id, usual_currency, read_from, at, country)
    found: dict[int, PageProduct] = {}
    for node in _every(nodes, 0):
        if _is_product(node):
            for key, product in reader.products(node):
                found.setdefault(key, product)
        elif _is(node, "offer") and (item := reader.offered(node)) is not None:
            found[id(item)] = next(reader.products({**item, "offers": node}))[1]
    return list(found.values())[:_PRODUCTS_MAX]


def _every(value: Any, depth: int) -> Iterator[Node]:
    """The nodes at the top, and those that only wrap them."""
    if depth > _DEPTH_MAX:
        return
    if isinstance(value, list):
        for entry in value:
            yield from _every(entry, depth + 1)
    elif isinstance(value, dict):
        yield value
        for name in _WITHIN:
            if name in value:
                yield from _every(value[name], depth + 1)


class _Reader:
    def __init__(
        self,
        by_id: dict[str, Node],
        usual_currency: str | None,
        read_from: str,
        at: datetime | None,
        country: str | None,
    ) -> None:
        self._by_id = by_id
        self._usual = usual_currency
        self._read_from = read_from
        self._at = at
        self._country = country

    def offered(self, offer: Node) -> Node | None:
        """The product that an offer stands around, where that says nothing of its offers itself."""
        item = self._node(offer.get("itemOffered"))
        return None if item is None or not _is_product(item) or "offers" in item or "hasVariant" in item else item

    def products(self, node: Node, group: Node | None = None) -> Iterator[tuple[int, PageProduct]]:
        variants = [self._node(entry) for entry in list_of(node.get("hasVariant"))]
        for variant in variants:
            if variant is not None and group is None:
                yield from self.products(variant, node)
        offers = tuple(self._offers(node))
        if offers or not variants:
            yield id(node), self._product(node, group, offers)

    def _product(self, node: Node, group: Node | None, offers: tuple[PageOffer, ...]) -> PageProduct:
        above = group or {}
        return PageProduct(
            title=text_of(node.get("name")) or text_of(above.get("name")),
            brand=name_of(node.get("brand")) or name_of(above.get("brand")) or name_of(node.get("manufacturer")),
            sku=text_of(node.get("sku")) or text_of(node.get("productID")) or text_of(node.get("mpn")),
            gtin=gtin_of(node),
            url=text_of(node.get("url")) or text_of(node.get("@id")),
            offers=offers,
            size=text_of(node.get("size")) or text_of(above.get("size")),
        )

    def _offers(self, product: Node) -> Iterator[PageOffer]:
        for offer in for_everybody(self._nodes(product.get("offers"))):
            parts = self._nodes(offer.get("offers"))
            if _is(offer, "aggregateoffer") and parts:
                currency = offer.get("priceCurrency")
                yield from (self._offer({"priceCurrency": currency, **part}) for part in for_everybody(parts))
            elif _is(offer, "aggregateoffer"):
                yield self._aggregate(offer)
            else:
                yield self._offer(offer)

    def _aggregate(self, offer: Node) -> PageOffer:
        """The price of all offers together: a range, unless both ends are one price, or there is one offer."""
        least = plain_price(offer.get("lowPrice"))
        if least in (None, ""):
            return self._offer(offer)
        one = self._offer({**offer, "price": least})
        highest = read_amount(plain_price(offer.get("highPrice")), one.currency)
        if one.price is None or highest == one.price:
            return one
        if highest is not None:
            return one._replace(highest=highest)
        if plain_price(offer.get("price")) not in (None, ""):
            return self._offer(offer)
        return one._replace(is_least=text_of(offer.get("offerCount")) != "1")

    def _offer(self, offer: Node) -> PageOffer:
        limited = [(node, _period_of(node)) for node in self._nodes(offer.get("priceSpecification"))]
        specified = [node for node, period in limited if period.counts_at(self._at)]
        named = next(
            (node["priceCurrency"] for node in (offer, *specified) if text_of(node.get("priceCurrency"))), None
        )
        stated = plain_price(offer.get("price"))
        several = specified_prices(specified) if stated in (None, "") else [Specified(stated)]
        named = price_currency(offer.get("price")) if named is None else named
        reported = next((each.stated for each in several), None)
        currency = read_currency(named if named is not None else reported, self._usual) or ""
        amounts = [read_amount(value, currency) for each in several for value in (each.stated, each.highest)]
        known = sorted({amount for amount in amounts if amount is not None})
        own, valid_until = _period_of(offer), text_of(offer.get("priceValidUntil"))
        counts = own.counts_at(self._at) and read_period(None, valid_until).counts_at(self._at)
        price = known[0] if known and counts else None
        listed = [read_amount(node.get("price"), currency) for node in specified if is_list_price(node)]
        higher = [amount for amount in listed if amount is not None and (price is None or amount > price)]
        return PageOffer(
            currency=currency,
            price=price,
            highest=known[-1] if price is not None and len(known) > 1 else None,
            is_least=any(each.is_least for each in several),
            is_over=not counts,
            list_price=max(higher, default=None),
            shipping=self._shipping(offer, currency),
            availability=availability_of(word_of(offer.get("availability"))),
            condition=condition_of(word_of(offer.get("itemCondition"))),
            valid_until=end_in_utc(valid_until or next(filter(None, map(_end_of, (offer, *specified))), None)),
            may_change=any(each.changes_after(self._at) for each in (own, *(period for _, period in limited))),
            seller=name_of(offer.get("seller")) or name_of(offer.get("offeredBy")),
            sku=text_of(offer.get("sku")),
            gtin=gtin_of(offer),
            url=text_of(offer.get("url")),
            unit_price=next((unit_price_of(node, currency) for node in specified if measure_of(node)), None),
            read_from=self._read_from,
            excerpt=_excerpt(offer),
        )

    def _shipping(self, offer: Node, currency: str) -> Decimal | None:
        """What delivery costs; None where it is not said, or depends on where to and several prices are."""
        rates = set()
        for entry in list_of(offer.get("shippingDetails")):
            details = self._node(entry)
            destinations = [] if details is None else self._nodes(details.get("shippingDestination"))
            if not goes_to(self._country, destinations):
                continue
            rate = None if details is None else self._node(details.get("shippingRate"))
            if rate is not None and read_currency(rate.get("currency"), currency) == currency:
                rates.add(read_amount(rate.get("value", rate.get("maxValue")), currency))
        return rates.pop() if len(rates) == 1 else None

    def _nodes(self, value: Any) -> list[Node]:
        return [node for entry in list_of(value) if (node := self._node(entry)) is not None]

    def _node(self, value: Any) -> Node | None:
        """A node, or the one that its `@id` refers to."""
        if not isinstance(value, dict):
            return None
        if set(value) <= {"@id", "@type"} and isinstance(value.get("@id"), str):
            return self._by_id.get(value["@id"])
        return value


def _period_of(node: Node) -> Period:
    return read_period(node.get("validFrom"), node.get("validThrough"))


def _end_of(node: Node) -> str | None:
    return text_of(node.get("validThrough"))


def _is_product(node: Node) -> bool:
    return any(_is(node, kind) for kind in _PRODUCTS)


def _is(node: Node, kind: str) -> bool:
    return any(
        isinstance(name, str) and name.rpartition("/")[2].rpartition("#")[2].rpartition(":")[2].lower() == kind
        for name in list_of(node.get("@type"))
    )


def _excerpt(node: Node) -> str:
    return json.dumps(node, default=str, ensure_ascii=False)[:_EXCERPT]

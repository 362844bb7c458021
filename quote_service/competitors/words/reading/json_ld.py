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

from quote_service.competitors.words.gtin import gtin_14
from quote_service.competitors.words.reading.found_product import PageOffer, PageProduct
from quote_service.competitors.words.reading.periods import counts_at
from quote_service.competitors.words.reading.price_text import read_amount, read_currency
from quote_service.competitors.words.reading.schema_words import availability_of, condition_of
from quote_service.competitors.words.reading.shipping import goes_to
from quote_service.competitors.words.reading.stated_price import plain_price, price_currency

Node = dict[str, Any]
_PRODUCTS = frozenset(
    ("product", "productgroup", "individualproduct", "productmodel", "someproducts", "vehicle", "car", "book")
)
_LIST_PRICES = frozenset(("listprice", "strikethroughprice", "msrp", "srp", "regularprice"))
_WITHIN = ("@graph", "mainEntity", "mainEntityOfPage", "itemOffered", "about")
_GTINS = ("gtin", "gtin13", "gtin14", "gtin12", "gtin8", "ean", "upc", "isbn")
#: How many of a measure are a kilogram, a litre, a metre, a square metre or a piece; UN/CEFACT's codes and customary names.
_MEASURES: dict[str, Decimal] = {
    **dict.fromkeys(("KGM", "KG", "LTR", "L", "MTR", "M", "MTK", "M2", "C62", "H87", "EA", "NMP", "PIECE"), Decimal(1)),
    **dict.fromkeys(("GRM", "G", "MLT", "ML", "MMT", "MM"), Decimal(1000)),
    **dict.fromkeys(("CLT", "CL", "CMT", "CM"), Decimal(100)),
    **dict.fromkeys(("DLT", "DL"), Decimal(10)),
    "LBR": Decimal("2.20462262"),
    "ONZ": Decimal("35.2739619"),
}
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
        variants = [self._node(entry) for entry in _list(node.get("hasVariant"))]
        for variant in variants:
            if variant is not None and group is None:
                yield from self.products(variant, node)
        offers = tuple(self._offers(node))
        if offers or not variants:
            yield id(node), self._product(node, group, offers)

    def _product(self, node: Node, group: Node | None, offers: tuple[PageOffer, ...]) -> PageProduct:
        above = group or {}
        return PageProduct(
            title=_text(node.get("name")) or _text(above.get("name")),
            brand=_name(node.get("brand")) or _name(above.get("brand")) or _name(node.get("manufacturer")),
            sku=_text(node.get("sku")) or _text(node.get("productID")) or _text(node.get("mpn")),
            gtin=_gtin(node),
            url=_text(node.get("url")) or _text(node.get("@id")),
            offers=offers,
            size=_text(node.get("size")) or _text(above.get("size")),
        )

    def _offers(self, product: Node) -> Iterator[PageOffer]:
        for offer in _for_everybody(self._nodes(product.get("offers"))):
            parts = _for_everybody(self._nodes(offer.get("offers")))
            if _is(offer, "aggregateoffer") and parts:
                currency = offer.get("priceCurrency")
                yield from (self._offer({"priceCurrency": currency, **part}) for part in parts)
            elif _is(offer, "aggregateoffer"):
                yield self._aggregate(offer)
            else:
                yield self._offer(offer)

    def _aggregate(self, offer: Node) -> PageOffer:
        one = self._offer({**offer, "price": offer.get("lowPrice", offer.get("price"))})
        highest = read_amount(offer.get("highPrice"), one.currency)
        return one if highest in (None, one.price) else one._replace(highest=highest)

    def _offer(self, offer: Node) -> PageOffer:
        specified = [
            node
            for node in self._nodes(offer.get("priceSpecification"))
            if counts_at(self._at, node.get("validFrom"), node.get("validThrough"))
        ]
        named = next((node["priceCurrency"] for node in (offer, *specified) if _text(node.get("priceCurrency"))), None)
        stated = plain_price(offer.get("price"))
        several: list[Any] = []
        if stated in (None, ""):
            several = _specified_prices(specified)
            stated = several[0] if several else None
        named = price_currency(offer.get("price")) if named is None else named
        currency = read_currency(named if named is not None else stated, self._usual) or ""
        price = read_amount(stated, currency)
        others = [amount for each in several if (amount := read_amount(each, currency)) not in (None, price)]
        listed = [read_amount(node.get("price"), currency) for node in specified if _is_list_price(node)]
        higher = [amount for amount in listed if amount is not None and (price is None or amount > price)]
        return PageOffer(
            currency=currency,
            price=price,
            highest=max((amount for amount in others if amount is not None), default=None),
            list_price=max(higher, default=None),
            shipping=self._shipping(offer, currency),
            availability=availability_of(offer.get("availability")),
            condition=condition_of(offer.get("itemCondition")),
            valid_until=_text(offer.get("priceValidUntil")),
            seller=_name(offer.get("seller")) or _name(offer.get("offeredBy")),
            sku=_text(offer.get("sku")),
            gtin=_gtin(offer),
            url=_text(offer.get("url")),
            unit_price=next((_unit_price(node, currency) for node in specified if _measure(node)), None),
            read_from=self._read_from,
            excerpt=_excerpt(offer),
        )

    def _shipping(self, offer: Node, currency: str) -> Decimal | None:
        """What delivery costs; None where it is not said, or depends on where to and several prices are."""
        rates = set()
        for entry in _list(offer.get("shippingDetails")):
            details = self._node(entry)
            destinations = [] if details is None else self._nodes(details.get("shippingDestination"))
            if not goes_to(self._country, destinations):
                continue
            rate = None if details is None else self._node(details.get("shippingRate"))
            if rate is not None and read_currency(rate.get("currency"), currency) == currency:
                rates.add(read_amount(rate.get("value", rate.get("maxValue")), currency))
        return rates.pop() if len(rates) == 1 else None

    def _nodes(self, value: Any) -> list[Node]:
        return [node for entry in _list(value) if (node := self._node(entry)) is not None]

    def _node(self, value: Any) -> Node | None:
        """A node, or the one that its `@id` refers to."""
        if not isinstance(value, dict):
            return None
        if set(value) <= {"@id", "@type"} and isinstance(value.get("@id"), str):
            return self._by_id.get(value["@id"])
        return value


def _is_product(node: Node) -> bool:
    return any(_is(node, kind) for kind in _PRODUCTS)


def _is(node: Node, kind: str) -> bool:
    return any(
        isinstance(name, str) and name.rpartition("/")[2].rpartition("#")[2].rpartition(":")[2].lower() == kind
        for name in _list(node.get("@type"))
    )


def _is_list_price(node: Node) -> bool:
    kind = _text(node.get("priceType")) or ""
    return kind.rpartition("/")[2].lower() in _LIST_PRICES


def _for_everybody(offers: list[Node]) -> list[Node]:
    """Offers without those for members, for many at once, or for rent, where there are others."""
    return [offer for offer in offers if not _is_special(offer)] or offers


def _is_special(node: Node) -> bool:
    """Whether a price is not what anybody pays for one: that of members, of a quantity, or a part such as an instalment."""
    if node.get("validForMemberTier") or node.get("priceComponentType") or node.get("billingDuration"):
        return True
    if (_text(node.get("businessFunction")) or "").lower().endswith("leaseout"):
        return True
    quantity = node.get("eligibleQuantity")
    least = quantity.get("minValue", quantity.get("value")) if isinstance(quantity, dict) else None
    return (read_amount(least, "") or 0) > 1


def _specified_prices(specified: list[Node]) -> list[Any]:
    """What anybody pays for one, with tax where both are told; several where nothing says which counts."""
    usual = [node for node in specified if not (_is_list_price(node) or _measure(node) or _is_special(node))]
    with_tax = [node for node in usual if node.get("valueAddedTaxIncluded") in (True, "true", "True")]
    return [node.get("price", node.get("minPrice")) for node in with_tax or usual]


def _measure(node: Node) -> Node | None:
    measure = node.get("referenceQuantity")
    return measure if isinstance(measure, dict) else None


def _unit_price(node: Node, currency: str) -> Decimal | None:
    """The price of a kilogram, a litre or a piece: 19.80 for `1.98 for 100 g`; None where its measure is not known."""
    price = read_amount(node.get("price"), currency)
    measure = _measure(node) or {}
    quantity = read_amount(measure.get("value", 1), "")
    told = _text(measure.get("unitCode")) or _text(measure.get("unitText"))
    size = _MEASURES.get("C62" if told is None else told.upper())
    if price is None or not quantity or size is None:
        return None
    return round(price * size / quantity, 6)


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str | None:
    for entry in _list(value):
        if isinstance(entry, str) and entry.strip():
            return " ".join(entry.split())[:1000]
        if isinstance(entry, int | Decimal) and not isinstance(entry, bool):
            return str(entry)
        if isinstance(entry, dict) and isinstance(entry.get("@value"), str):
            return str(entry["@value"])[:1000]
    return None


def _name(value: Any) -> str | None:
    for entry in _list(value):
        found = _text(entry.get("name")) if isinstance(entry, dict) else _text(entry)
        if found:
            return found
    return None


def _gtin(node: Node) -> str | None:
    for name in _GTINS:
        text = _text(node.get(name))
        if text and (gtin := gtin_14(text)):
            return gtin
    return None


def _excerpt(node: Node) -> str:
    return json.dumps(node, default=str, ensure_ascii=False)[:_EXCERPT]

"""Microdata and Open Graph, put into the form of JSON-LD and of an offer.

Source: HTML Living Standard, microdata; ogp.me and the `product:` properties; docs/spec/competitors.md#what-is-read.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from quote_service.intelligence.competitors.model.gtin import gtin_14
from quote_service.intelligence.competitors.model.reading.found_product import PageOffer, PageProduct
from quote_service.intelligence.competitors.model.reading.json_ld import read_products
from quote_service.intelligence.competitors.model.reading.periods import end_in_utc, read_period
from quote_service.intelligence.competitors.model.reading.price_text import read_amount, read_currency
from quote_service.intelligence.competitors.model.reading.schema_words import availability_of, condition_of

_DEPTH_MAX = 12
_SCOPES_MAX = 2 * _DEPTH_MAX


def read_markup(
    page: str,
    usual_currency: str | None,
    at: datetime | None = None,
    country: str | None = None,
    named: Sequence[tuple[str, str]] = (),
) -> tuple[list[PageProduct], list[PageProduct]]:
    """The products of a page's microdata, and that of its Open Graph properties.

    Args:
        page: Its text.
        usual_currency: Where an offer names none.
        at: Now, for prices that are limited in time; None takes them all.
        country: Where goods are delivered to (ISO 3166-1).
        named: Properties that the page gives as `name` and not as `property`, as many shops do; those count after the others.
    """
    import extruct  # only the process that reads has it
    from extruct.utils import parse_html
    from lxml.etree import ParserError

    try:
        tree = parse_html(page, "UTF-8")
    except ParserError:  # of a page with no element at all
        return [], []
    # Never its default list: RDFa alone costs sixty times what these two do.
    syntaxes = ["opengraph", *(["microdata"] if _may_be_read(tree) else [])]
    found = extruct.extract(tree, syntaxes=syntaxes, errors="log")
    nodes = [_node(item, 0) for item in found.get("microdata", [])]
    properties = [*found.get("opengraph", []), {"properties": named}]
    return read_products(nodes, usual_currency, "microdata", at, country), _open_graph(properties, usual_currency, at)


def _may_be_read(tree: Any) -> bool:
    """Whether items stand in items no deeper than they are read: for each, all within it are gone through again, and a thousand of
    them cost a parser minutes."""
    depths: dict[Any, int] = {}
    for element in tree.iter():
        depths[element] = depths.get(element.getparent(), 0) + ("itemscope" in element.attrib)
    return max(depths.values(), default=0) <= _SCOPES_MAX


def _node(item: Any, depth: int) -> Any:
    if isinstance(item, list):
        return [_node(entry, depth) for entry in item]
    if not isinstance(item, dict) or "properties" not in item or depth > _DEPTH_MAX:
        return item
    properties = {name: _node(value, depth + 1) for name, value in item["properties"].items()}
    return {"@type": item.get("type"), **({"@id": item["id"]} if "id" in item else {}), **properties}


def _open_graph(blocks: list[Any], usual_currency: str | None, at: datetime | None) -> list[PageProduct]:
    said: dict[str, str] = {}
    for block in blocks:
        for name, value in block.get("properties", []):
            if isinstance(value, str) and value.strip():
                said.setdefault(str(name).lower(), value.strip())

    def first(*names: str) -> str | None:
        return next((said[name] for name in names if name in said), None)

    regular = first("product:price:amount", "og:price:amount", "product:original_price:amount")
    reduced, end = first("product:sale_price:amount"), first("product:sale_price_dates:end")
    sale = read_period(first("product:sale_price_dates:start"), end)
    is_sale = reduced is not None and sale.counts_at(at)
    amount = reduced if is_sale else regular
    if amount is None:
        return []
    named = first("product:price:currency", "og:price:currency", "product:sale_price:currency") or amount
    currency = read_currency(named, usual_currency) or ""
    price, listed = read_amount(amount, currency), first("product:original_price:amount") or regular
    list_price = None if listed is None else read_amount(listed, currency)
    offer = PageOffer(
        currency=currency,
        price=price,
        list_price=list_price if price is not None and list_price is not None and list_price > price else None,
        availability=availability_of(first("product:availability", "og:availability")),
        condition=condition_of(first("product:condition")),
        valid_until=end_in_utc(end) if is_sale else None,
        may_change=reduced is not None and sale.changes_after(at),
        read_from="opengraph",
        excerpt=str({name: value for name, value in said.items() if "price" in name or "availability" in name})[:2000],
    )
    gtin = first("product:ean", "product:gtin", "product:upc", "product:isbn")
    return [
        PageProduct(
            title=first("og:title"),
            brand=first("product:brand", "og:brand"),
            sku=first("product:retailer_item_id", "product:retailer_part_no", "product:mfr_part_no"),
            gtin=None if gtin is None else gtin_14(gtin),
            url=first("og:url"),
            offers=(offer,),
        )
    ]

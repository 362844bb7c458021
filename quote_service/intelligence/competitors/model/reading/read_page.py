"""The offer of a product page: JSON-LD, then microdata and Open Graph, then the selectors of the source.

Source: docs/spec/competitors.md#what-is-read.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from quote_service.intelligence.competitors.model.found_offers import FoundOffer
from quote_service.intelligence.competitors.model.gtin import gtin_14
from quote_service.intelligence.competitors.model.outcomes import Outcome
from quote_service.intelligence.competitors.model.reading.choose_offer import (
    Chosen,
    Wanted,
    WhenSeveral,
    choose_offer,
    is_same_page,
    plain_amount,
)
from quote_service.intelligence.competitors.model.reading.excess import excess_of
from quote_service.intelligence.competitors.model.reading.found_product import PageOffer, PageProduct
from quote_service.intelligence.competitors.model.reading.json_ld import read_products
from quote_service.intelligence.competitors.model.reading.lenient_json import read_json
from quote_service.intelligence.competitors.model.reading.markup import read_markup
from quote_service.intelligence.competitors.model.reading.pack_size import pack_size_of
from quote_service.intelligence.competitors.model.reading.price_text import (
    is_lowest_of_several,
    read_amount,
    read_amounts,
    read_currency,
    read_former_amount,
)
from quote_service.intelligence.competitors.model.reading.same_product import KnownProduct, is_same_product
from quote_service.intelligence.competitors.model.reading.schema_words import availability_of
from quote_service.intelligence.competitors.model.web_urls import web_url
from quote_service.platform.money.amounts import AMOUNT_MAJOR_MAX

_NAMED_PROPERTIES = 'meta[name^="og:" i][content], meta[name^="product:" i][content]'
_VALUE_ATTRIBUTES = ("content", "data-price", "value", "datetime", "data-value")


class PageJob(msgspec.Struct, frozen=True, kw_only=True, tag="page"):
    """A page to be read, and what the source says of it."""

    body: bytes
    content_type: str
    url: str
    currency: str | None = None
    country: str | None = None
    sku: str | None = None
    gtin: str | None = None
    when_several: WhenSeveral = "refuse"
    price_selector: str | None = None
    list_price_selector: str | None = None
    availability_selector: str | None = None
    prefers_selector: bool = False
    at: datetime | None = None
    moved_to: str = ""
    """Where the URL led to."""
    known: KnownProduct | None = None
    """What the page was about before it led elsewhere; None where it does not."""


class PageRead(NamedTuple):
    """How reading ended, and the offer where there is one."""

    outcome: Outcome
    detail: str
    offer: FoundOffer | None
    may_change: bool = False
    """Whether the same page may tell another price later."""


def read_page(job: PageJob) -> PageRead:
    """The offer of a page, or why there is none."""
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError  # only the process that reads has it

    page = decoded(job.body, job.content_type)
    if excess := excess_of(page):
        return PageRead("parse_error", excess, None)
    tree = LexborHTMLParser(page)
    if tree.body is None or not page.strip():
        return PageRead("parse_error", "the page is empty", None)
    wanted = Wanted(job.url, job.sku, job.gtin, job.when_several)
    try:
        by_selector = _by_selector(tree, job)
    except SelectolaxError:
        by_selector = Chosen("parse_error", "a selector of the source is not one of CSS")
    if by_selector is not None and by_selector.offer is not None and job.prefers_selector:
        return _read(job, by_selector)
    canonical = _attribute(tree, 'link[rel="canonical"]', "href")
    broken, products = _json_ld(tree, job)
    chosen = choose_offer(products, wanted, canonical)
    if chosen.offer is None:
        chosen = _from_markup(tree, page, job, wanted, canonical, chosen, found_any=bool(products))
    if chosen.offer is None and by_selector is not None:
        chosen = by_selector
    if chosen.offer is None and broken and not products:
        chosen = Chosen("parse_error", f"its JSON-LD {broken}")
    if _is_another_product(job, chosen, canonical):
        name = "" if chosen.product is None else chosen.product.title or ""
        detail = f"it leads to {job.moved_to}, and nothing there says that it is the same product: {name}"
        return PageRead("gone", detail[:500], None)
    return _read(job, chosen)


def _is_another_product(job: PageJob, chosen: Chosen, canonical: str | None) -> bool:
    """Whether a page that was led to is not recognised as the product that its URL was about."""
    if job.known is None or chosen.product is None or chosen.offer is None:
        return False
    if is_same_page(canonical, job.url):
        return False
    if chosen.offer.read_from.startswith("selector"):  # which knows no SKU but that of the source
        return not is_same_product(job.known, chosen.product._replace(sku=None), chosen.offer)
    return job.sku is None and not is_same_product(job.known, chosen.product, chosen.offer)


def decoded(body: bytes, content_type: str) -> str:
    """The text of a page as browsers have it: by its byte order mark, its header, what it says itself, otherwise UTF-8.

    What cannot be read is replaced. `iso-8859-1` is windows-1252, as everybody means it.

    Source: WHATWG Encoding Standard.
    """
    from w3lib.encoding import html_to_unicode  # only the process that reads has it

    try:
        text = html_to_unicode(content_type, body)[1]
    except (LookupError, UnicodeError):  # it names a codec that is no encoding of text
        text = body.decode("utf-8", "replace")
    return text.removeprefix("\ufeff")


def _json_ld(tree: Any, job: PageJob) -> tuple[str, list[PageProduct]]:
    broken, nodes = "", []
    for script in tree.css('script[type*="ld+json"]'):
        text = script.text(deep=True)
        if not text.strip():
            continue
        try:
            nodes.append(read_json(text))
        except ValueError as refused:
            broken = str(refused)
    return broken, read_products(nodes, job.currency, "json-ld", job.at, job.country)


def _from_markup(
    tree: Any, page: str, job: PageJob, wanted: Wanted, canonical: str | None, former: Chosen, *, found_any: bool
) -> Chosen:
    """What microdata or Open Graph say, where they say one price; otherwise what stood before."""
    named = [(str(each.attributes["name"]), each.attributes["content"] or "") for each in tree.css(_NAMED_PROPERTIES)]
    for products in read_markup(page, job.currency, job.at, job.country, named):
        if any(product.offers for product in products):
            chosen = choose_offer(products, wanted, canonical)
            if chosen.offer is not None:
                # Several prices are not made one by a second form that only repeats the first of them.
                if former.outcome == "several_prices" and job.when_several == "refuse":
                    return former
                return chosen
            if not found_any:
                former, found_any = chosen, True
    return former


def _by_selector(tree: Any, job: PageJob) -> Chosen | None:
    if job.price_selector is None:
        return None
    text = _selected(tree, job.price_selector)
    if text is None:
        return Chosen("no_price", "the selector finds nothing")
    currency = read_currency(text, job.currency) or ""
    amounts = read_amounts(text, currency)
    if not amounts or not currency:
        return Chosen(
            "no_price", "what the selector finds is no price" if amounts == [] else "the currency is not given"
        )
    if len(amounts) > 1 and job.when_several == "refuse":
        return Chosen("several_prices", f"the selector finds the prices {', '.join(map(plain_amount, amounts[:5]))}")
    if is_lowest_of_several(text) and job.when_several == "refuse":
        return Chosen("several_prices", f"the selector finds that prices begin at {plain_amount(amounts[0])}")
    price = amounts[0]
    listed = _selected(tree, job.list_price_selector)
    list_price = read_former_amount(text, currency) if listed is None else _list_price(listed, currency)
    stock = _selected(tree, job.availability_selector)
    offer = PageOffer(
        currency=currency,
        price=price,
        list_price=list_price if list_price is not None and list_price > price else None,
        availability="unknown" if stock is None else availability_of(stock),
        read_from=f"selector {job.price_selector}",
        excerpt=text[:500],
    )
    title = tree.css_first("h1")
    name = None if title is None else " ".join(title.text(deep=True).split())[:1000] or None
    return Chosen("ok", "", PageProduct(name, None, job.sku, None, None, (offer,)), offer)


def _list_price(text: str, currency: str) -> Decimal | None:
    amount = read_amount(text, currency)
    return read_former_amount(text, currency) if amount is None else amount


def _selected(tree: Any, selector: str | None) -> str | None:
    found = None if selector is None else tree.css_first(selector)
    if found is None:
        return None
    for name in _VALUE_ATTRIBUTES:
        if value := found.attributes.get(name):
            return str(value)
    return " ".join(found.text(deep=True, separator=" ").split()) or None


def _attribute(tree: Any, selector: str, name: str) -> str | None:
    found = tree.css_first(selector)
    return None if found is None else found.attributes.get(name)


def _read(job: PageJob, chosen: Chosen) -> PageRead:
    product, offer = chosen.product, chosen.offer
    if product is None or offer is None:
        return PageRead(chosen.outcome, chosen.detail, None)
    found = found_offer(job.url, product, offer, gtin_14(job.gtin or ""), job.url)
    return PageRead(chosen.outcome, chosen.detail, found, offer.may_change)


def storable(text: str | None) -> str | None:
    """A text as PostgreSQL can keep it: without U+0000, and without halves of surrogate pairs, which JSON can name."""
    return None if text is None else text.replace("\0", "").encode("utf-8", "replace").decode()


def found_offer(
    external_id: str, product: PageProduct, offer: PageOffer, known_gtin: str | None = None, base: str = ""
) -> FoundOffer:
    """A product and one of its offers as one; the price for a measure comes from the pack where the page says none."""
    size = pack_size_of(product.size or "") or pack_size_of(product.title or "")
    per_measure = offer.unit_price
    if per_measure is None and size is not None and offer.price is not None:
        measure = Decimal(1) if size.unit == "piece" else Decimal(1000)
        per_measure = round(offer.price * measure / size.quantity, 6)
    if per_measure is not None and per_measure >= AMOUNT_MAJOR_MAX:
        per_measure = None
    return FoundOffer(
        external_id=external_id,
        currency=offer.currency,
        price=offer.price,
        list_price=offer.list_price,
        shipping=offer.shipping,
        availability=offer.availability,
        condition=offer.condition,
        valid_until=storable(offer.valid_until),
        seller=storable(offer.seller),
        title=storable(product.title),
        brand=storable(product.brand),
        gtin=offer.gtin or product.gtin or known_gtin,
        sku=storable(offer.sku or product.sku),
        url=storable(web_url(offer.url or product.url, base)),
        pack_quantity=None if size is None else size.quantity,
        pack_unit=None if size is None else size.unit,
        unit_price=per_measure,
        read_from=offer.read_from,
        excerpt=storable(offer.excerpt),
    )

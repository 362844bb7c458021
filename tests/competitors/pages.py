"""Product pages as shops make them: each shape of structured data, with prices as each country writes them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

#: A currency, how its amounts are written there, and what is meant.
AMOUNTS: tuple[tuple[str, Any, str], ...] = (
    ("EUR", "1.299,00", "1299"),
    ("EUR", "1 299,00 €", "1299"),
    ("EUR", "1.299", "1299"),
    ("EUR", 1299.0, "1299"),
    ("EUR", "1299.00", "1299"),
    ("USD", "$1,299.00", "1299"),
    ("USD", "2879.2", "2879.2"),
    ("TRY", "1.234,50 TL", "1234.5"),
    ("TRY", "₺1.234,50", "1234.5"),
    ("JPY", "¥12,800", "12800"),
    ("JPY", 12800, "12800"),
    ("KWD", "1.299", "1.299"),
    ("GBP", "£0.99", "0.99"),
    ("PLN", "49,99 zł", "49.99"),
    ("CHF", "1'299.90", "1299.9"),
    ("INR", "₹1,29,900.00", "129900"),
    ("SEK", "1 299:-", "1299"),
)


class Page(NamedTuple):
    """A page, what a source has to say of it, and what is to be found there."""

    name: str
    html: str
    outcome: str = "ok"
    price: str | None = None
    currency: str = "EUR"
    source: Mapping[str, Any] = MappingProxyType({})
    read_from: str = "json-ld"
    more: Mapping[str, Any] = MappingProxyType({})


def html(head: str = "", body: str = "", *, language: str = "en") -> str:
    """A page around what matters: with menus, prices of other things, and scripts that are none of ours."""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>Shop</title>'
        '<script type="application/ld+json">{"@type":"BreadcrumbList","itemListElement":[]}</script>'
        f'{head}<script>var price = "1.00";</script></head><body><nav>Sale -70 % from 0.99</nav><h1>Thing</h1>'
        f"{body}<footer>Delivery from 3.90</footer></body></html>"
    )


def json_ld(*documents: Any) -> str:
    """Scripts of JSON-LD; a text stands as it is."""
    texts = [each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each in documents]
    return "".join(f'<script type="application/ld+json">{text}</script>' for text in texts)


def offer(price: Any, currency: str | None = "EUR", **fields: Any) -> dict[str, Any]:
    named = {} if currency is None else {"priceCurrency": currency}
    return {"@type": "Offer", "price": price, **named, "availability": "https://schema.org/InStock", **fields}


def product(offers: Any, **fields: Any) -> dict[str, Any]:
    return {"@context": "https://schema.org", "@type": "Product", "name": "Thing", "offers": offers, **fields}


def microdata(price: str, currency: str) -> str:
    return (
        '<div itemscope itemtype="http://schema.org/Product"><span itemprop="name">Thing</span>'
        '<div itemprop="offers" itemscope itemtype="http://schema.org/Offer">'
        f'<span itemprop="price" content="{price}">{price}</span><meta itemprop="priceCurrency" content="{currency}">'
        '<link itemprop="availability" href="http://schema.org/OutOfStock"></div></div>'
    )


def open_graph(**properties: Any) -> str:
    return "".join(
        f'<meta property="{name.replace("__", ":")}" content="{value}">' for name, value in properties.items()
    )


def amounts() -> Iterator[Page]:
    """Every way of writing an amount, in each form of structured data."""
    for currency, written, meant in AMOUNTS:
        source = {"currency": currency}
        name = f"{currency} {written}"
        yield Page(f"{name}: offer", html(json_ld(product(offer(written, currency)))), "ok", meant, currency)
        bare = html(json_ld(product(offer(written, None))))
        yield Page(f"{name}: no code", bare, "ok", meant, currency, source)
        text = str(written)
        marked = html(body=microdata(text, currency))
        yield Page(f"{name}: microdata", marked, "ok", meant, currency, read_from="microdata")
        graph = html(open_graph(product__price__amount=text, product__price__currency=currency))
        yield Page(f"{name}: open graph", graph, "ok", meant, currency, read_from="opengraph")
        shown = html(body=f'<p class="price">{text}</p>')
        selected = {**source, "price_selector": "p.price"}
        yield Page(f"{name}: selector", shown, "ok", meant, currency, selected, read_from="selector p.price")


def shapes() -> Iterator[Page]:
    """Shapes of JSON-LD, right and broken."""
    listed = [{"@type": "UnitPriceSpecification", "price": 80, "priceType": "https://schema.org/ListPrice"}]
    sale = {"@type": "UnitPriceSpecification", "price": "59.90", "priceCurrency": "EUR"}
    measured = {**sale, "price": 2, "referenceQuantity": {"value": 100, "unitCode": "GRM"}}
    shipping = {"shippingRate": {"@type": "MonetaryAmount", "value": "4.90", "currency": "EUR"}}
    yield Page("graph", html(json_ld({"@graph": [{"@type": "WebPage"}, product(offer(59.9))]})), "ok", "59.9")
    yield Page("list of types", html(json_ld({**product(offer(59.9)), "@type": ["Thing", "Product"]})), "ok", "59.9")
    yield Page("top-level list", html(json_ld([{"@type": "WebSite"}, product(offer(59.9))])), "ok", "59.9")
    yield Page("main entity", html(json_ld({"@type": "ItemPage", "mainEntity": product(offer(59.9))})), "ok", "59.9")
    refers = {"@graph": [product({"@id": "#o"}), {**offer("59.90"), "@id": "#o"}]}
    yield Page("reference", html(json_ld(refers)), "ok", "59.9")
    item = {**offer(59.9), "itemOffered": {"@type": "Product", "name": "Thing", "offers": offer(59.9)}}
    around = {**offer("59.90"), "itemOffered": {"@type": "Product", "name": "Thing"}}
    yield Page("offer around its item", html(json_ld(around)), "ok", "59.9")
    amount = {"@type": "Offer", "price": {"@type": "MonetaryAmount", "value": 59.9, "currency": "EUR"}}
    yield Page("amount of money", html(json_ld(product(amount))), "ok", "59.9")
    yield Page("value of a type", html(json_ld(product(offer({"@value": "59.90"})))), "ok", "59.9")
    yield Page("list of one price", html(json_ld(product(offer(["59.90"])))), "ok", "59.9")
    yield Page("offered item", html(json_ld(item)), "ok", "59.9")
    yield Page("equal prices", html(json_ld(product([offer(2879.2), offer("2879.20")]))), "ok", "2879.2")
    yield Page("several", html(json_ld(product([offer(59.9), offer(64)]))), "several_prices")
    yield Page(
        "lowest", html(json_ld(product([offer(59.9), offer(64)]))), "ok", "59.9", source={"when_several": "lowest"}
    )
    sold = [offer(49, availability="SoldOut"), offer(59.9)]
    yield Page("sold out is not the price", html(json_ld(product(sold))), "ok", "59.9")
    used = [offer(20, itemCondition="https://schema.org/UsedCondition"), offer(59.9, itemCondition="NewCondition")]
    yield Page("used is not the price", html(json_ld(product(used))), "ok", "59.9", more={"condition": "new"})
    aggregate = {"@type": "AggregateOffer", "lowPrice": "59.90", "highPrice": "80", "priceCurrency": "EUR"}
    yield Page("range", html(json_ld(product(aggregate))), "several_prices")
    yield Page("range, lowest", html(json_ld(product(aggregate))), "ok", "59.9", source={"when_several": "lowest"})
    yield Page("range of one", html(json_ld(product({**aggregate, "highPrice": 59.9}))), "ok", "59.9")
    parts = {**aggregate, "offers": [offer("59.90", None)]}
    yield Page("aggregate with offers", html(json_ld(product(parts))), "ok", "59.9")
    specified = {"@type": "Offer", "priceSpecification": [*listed, sale, measured], "shippingDetails": shipping}
    more = {"list_price": Decimal(80), "shipping": Decimal("4.9"), "unit_price": Decimal(20)}
    yield Page("specification", html(json_ld(product(specified))), "ok", "59.9", more=more)
    variants = [product(offer(10 + size), sku=f"T-{size}", gtin13="4006381333931" if size else "") for size in (0, 1)]
    group = {"@type": "ProductGroup", "name": "Thing", "hasVariant": variants}
    yield Page("variants", html(json_ld(group)), "several_prices")
    yield Page(
        "variant by SKU", html(json_ld(group)), "ok", "11", source={"sku": "T-1"}, more={"gtin": "04006381333931"}
    )
    yield Page("variant by GTIN", html(json_ld(group)), "ok", "11", source={"gtin": "4006381333931"})
    yield Page("no such SKU", html(json_ld(group)), "no_price", source={"sku": "T-9"})
    mine, other = (
        product(offer(59.9), url="https://shop.example/p/1"),
        product(offer(9), url="https://shop.example/p/2"),
    )
    yield Page("the page's own", html(json_ld(other, mine)), "ok", "59.9")
    related = product(offer(59.9), isRelatedTo=[product(offer(1))], isSimilarTo=product(offer(2)))
    yield Page("what is only recommended", html(json_ld(related)), "ok", "59.9")
    yield Page("out of stock without a price", html(json_ld(product(offer(None, availability="OutOfStock")))))
    yield Page("free of price", html(json_ld(product(offer("call us")))), "no_price")
    yield Page("dollars of nobody", html(json_ld(product(offer("$12", None)))), "no_price")
    yield Page("two currencies", html(json_ld(product([offer(10), offer(12, "USD")]))), "several_prices")
    yield Page("no product", html(), "no_price")
    yield Page("nothing", "", "parse_error")
    text = json.dumps(product(offer(59.9)))
    broken = {
        "comma": text[:-1] + ",}",
        "comment": f"// made by a plugin\n{text}",
        "block comment": f"/* 1 */ {text}",
        "wrapped": f"<!-- {text} -->",
        "CDATA": f"//<![CDATA[\n{text}\n//]]>",
        "line break within a text": text.replace("Thing", "Thi\nng"),
        "semicolon": f"{text};",
        "entities": text.replace('"', "&quot;"),
    }
    for name, mended in broken.items():
        yield Page(name, html(json_ld(mended)), "ok", "59.9")
    yield Page("no JSON at all", html(json_ld('{"@type": "Product", "offers": ')), "parse_error")
    both = html(json_ld(product([offer(59.9), offer(64)])), microdata("59.90", "EUR"))
    yield Page("markup makes no one of several", both, "several_prices")
    selected = html(json_ld(product(offer(80))), '<b id="p" data-price="59.90">80</b>')
    own = {"currency": "EUR", "price_selector": "#p", "prefers_selector": True}
    yield Page("selector first", selected, "ok", "59.9", source=own, read_from="selector #p")
    reduced = open_graph(
        og__title="Thing 500 g", product__price__amount="80", product__sale_price__amount="59.90",
        product__price__currency="EUR", product__availability="in stock", product__condition="new",
    )  # fmt: skip
    facts = {"list_price": Decimal(80), "availability": "in_stock", "unit_price": Decimal("119.8")}
    yield Page("reduced in Open Graph", html(reduced), "ok", "59.9", read_from="opengraph", more=facts)

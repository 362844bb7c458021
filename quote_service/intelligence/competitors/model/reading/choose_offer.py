"""Which offer of a page is meant: one price, or none and why.

Source: docs/spec/competitors.md#one-price-of-a-page.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from quote_service.intelligence.competitors.model.found_offers import NOT_SOLD
from quote_service.intelligence.competitors.model.gtin import gtin_14
from quote_service.intelligence.competitors.model.outcomes import Outcome
from quote_service.intelligence.competitors.model.reading.found_product import PageOffer, PageProduct

WhenSeveral = Literal["refuse", "lowest"]


class Wanted(NamedTuple):
    """What a source says of the product that its page is about."""

    url: str
    sku: str | None = None
    gtin: str | None = None
    when_several: WhenSeveral = "refuse"


class Chosen(NamedTuple):
    """The product and its offer; without them the outcome says why."""

    outcome: Outcome
    detail: str
    product: PageProduct | None = None
    offer: PageOffer | None = None


def choose_offer(products: Sequence[PageProduct], wanted: Wanted, canonical: str | None) -> Chosen:
    """The one offer that a page is about.

    Args:
        products: Those of the page that were read, variants each by itself.
        wanted: The source's.
        canonical: What the page calls its own URL.
    """
    meant = _meant_products(products, wanted, canonical)
    if not meant:
        if not any(product.offers for product in products):
            return Chosen("no_price", "the page has no structured data with a price")
        return Chosen("no_price", "the page has no product with the SKU or GTIN of the source")
    pairs = [(product, offer) for product in meant for offer in product.offers]
    reported = _meant_offers(pairs, wanted)
    priced = [pair for pair in reported if pair[1].price is not None and pair[1].currency]
    if not priced:
        return _nothing_priced(reported)
    sold = [pair for pair in priced if pair[1].availability not in NOT_SOLD] or priced
    prices = {_price(offer) for _, offer in sold}
    if len({currency for currency, _ in prices}) > 1:
        return Chosen("several_prices", f"the page has prices in {_words({each for each, _ in prices})}")
    lowest = min(sold, key=lambda pair: _price(pair[1])[1])
    is_one = len(prices) == 1 and not any(offer.highest is not None or offer.is_least for _, offer in sold)
    if wanted.when_several == "lowest" or is_one:
        return Chosen("ok", "", *lowest)
    amounts = {price for _, price in prices} | {offer.highest for _, offer in sold if offer.highest is not None}
    shown = set(map(plain_amount, amounts))
    if len(shown) == 1:
        return Chosen("several_prices", f"the page says only that prices begin at {_words(shown)}")
    return Chosen("several_prices", f"the page has the prices {_words(shown)}")


def _nothing_priced(reported: Sequence[tuple[PageProduct, PageOffer]]) -> Chosen:
    for product, offer in reported:
        if offer.availability in NOT_SOLD and offer.currency:
            return Chosen("ok", "not sold, without a price", product, offer)
    if over := next((offer for _, offer in reported if offer.is_over), None):
        until = "" if over.valid_until is None else f": it is valid until {over.valid_until[:100]}"
        return Chosen("no_price", f"its price does not hold now{until}")
    if any(offer.price is not None for _, offer in reported):
        return Chosen("no_price", "the currency is not given; set it on the source")
    return Chosen("no_price", "no offer has a price")


def _meant_products(products: Sequence[PageProduct], wanted: Wanted, canonical: str | None) -> Sequence[PageProduct]:
    with_offers = [product for product in products if product.offers]
    if wanted.gtin and (gtin := gtin_14(wanted.gtin)):
        found = [product for product in with_offers if gtin in _gtins(product)]
        if found or any(_gtins(product) for product in with_offers):
            return found
    if wanted.sku:
        return [product for product in with_offers if wanted.sku in _skus(product)]
    if len(with_offers) <= 1:
        return with_offers
    for address in (wanted.url, canonical):
        here = [product for product in with_offers if address and is_same_page(product.url, address)]
        if here:
            return here
    return with_offers


def _meant_offers(
    pairs: Sequence[tuple[PageProduct, PageOffer]], wanted: Wanted
) -> Sequence[tuple[PageProduct, PageOffer]]:
    """Offers of the SKU or GTIN that is wanted, where offers name theirs; new goods, where both are offered."""
    gtin = gtin_14(wanted.gtin) if wanted.gtin else None
    named = [pair for pair in pairs if (gtin and pair[1].gtin == gtin) or (wanted.sku and pair[1].sku == wanted.sku)]
    kept = named or pairs
    unused = [pair for pair in kept if pair[1].condition in ("new", "unknown")]
    return unused or kept


def _price(offer: PageOffer) -> tuple[str, Decimal]:
    assert offer.price is not None
    return offer.currency, offer.price.normalize()


def _gtins(product: PageProduct) -> set[str]:
    return {gtin for gtin in (product.gtin, *(offer.gtin for offer in product.offers)) if gtin}


def _skus(product: PageProduct) -> set[str]:
    return {sku for sku in (product.sku, *(offer.sku for offer in product.offers)) if sku}


def is_same_page(reported: str | None, address: str) -> bool:
    """Whether a product's URL is the page's: the same path, and nothing in its query that the page's has otherwise."""
    if not reported:
        return False
    one, other = urlsplit(reported), urlsplit(address)
    if one.path.rstrip("/") != other.path.rstrip("/") or (one.hostname and _host(reported) != _host(address)):
        return False
    asked, has = dict(parse_qsl(other.query)), dict(parse_qsl(one.query))
    return all(asked.get(name) == value for name, value in has.items())


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def plain_amount(amount: Decimal) -> str:
    """An amount as people write it, without zeros at its end."""
    return f"{amount.normalize():f}"


def _words(values: set[str]) -> str:
    return ", ".join(sorted(values)[:5])

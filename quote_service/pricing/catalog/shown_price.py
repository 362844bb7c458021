"""What products cost a customer now, for a page that shows them: by the rules, the customers and the sales of quotes.

Source: docs/spec/catalog.md#prices-that-a-customer-sees.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from quote_service.pricing.catalog.price_adjustment import CatalogPrice, PriceAdjustment
from quote_service.pricing.catalog.price_product import price_product
from quote_service.pricing.catalog.price_rules import PriceRules, find_price_rules
from quote_service.pricing.flags.decision import Subject
from quote_service.pricing.quote_basis import is_taken
from quote_service.pricing.regions import region_key
from quote_service.pricing.rulebook.applicable_rules import ApplicableRules
from quote_service.pricing.rulebook.asking import Asking
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.pricing.sales.sale_price import SalePrice

WhyUnavailable = Literal["unknown_product", "not_sold", "unknown_variant", "not_in_currency"]

_BARE = "*"


class PriceAsker(NamedTuple):
    """Who is shown a price: a customer, or somebody of whom only a tier and segments are known. None: as in the record."""

    customer_id: str | None = None
    tier: str | None = None
    segments: list[str] | None = None


class PriceScene(NamedTuple):
    """Where and when a price is shown, in which currency; `rules` are those that count there for the asker (`asking`)."""

    rulebook: Rulebook
    sales: Mapping[str, SalePrice]
    currency: str
    at_us: int
    rules: PriceRules | None
    applicable: ApplicableRules
    asking: Asking


def set_scene(
    rulebook: Rulebook,
    sales: Mapping[str, SalePrice],
    asker: PriceAsker,
    region: str | None,
    currency: str,
    at_us: int,
) -> PriceScene:
    """What all prices of one request share.

    Args:
        rulebook: The snapshot.
        sales: What is on sale, by product.
        asker: Who asks.
        region: A region as rules have them, which stands for a delivery address; None for rules of everywhere alone.
        currency: Of the prices.
        at_us: The instant.

    Raises:
        RegionUnreadable: It is no region.
    """
    period = rulebook.period_at(at_us)
    applicable = period.applicable_rules(*place_of_region(region), currency)
    terms = rulebook.customers.find(asker.customer_id) if asker.customer_id is not None else None
    tier, segments = asker.tier, asker.segments
    if terms is not None:
        tier = terms[0] if tier is None else tier
        segments = list(terms[1]) if segments is None else segments
    subject = Subject(asker.customer_id, tier, segments or [], applicable.regions)
    rules = find_price_rules(period, applicable, subject)
    return PriceScene(rulebook, sales, currency, at_us, rules, applicable, Asking(period, subject, is_express=False))


def shown_price(
    scene: PriceScene, product_id: str, variant_id: str | None, quantity: int
) -> CatalogPrice | WhyUnavailable:
    """What a unit costs, the flash sale's step last where it is on sale; or why there is no price.

    Args:
        scene: What the prices of the request share.
        product_id: The product, in canonical form.
        variant_id: Its variant, None for the product itself.
        quantity: Units that are bought, of no other variant of it.
    """
    catalog = scene.rulebook.catalog
    product = catalog.find(product_id, variant_id, scene.currency)
    if product is None:
        if not catalog.knows(product_id):
            return "unknown_product"
        is_known = variant_id is None or catalog.find(product_id, None, scene.currency) is None
        return "not_in_currency" if is_known else "unknown_variant"
    if not product.is_active:
        return "not_sold"
    price = price_product(product, quantity, quantity, scene.rules, catalog)
    sale = scene.sales.get(product_id)
    if sale is not None and sale.starts_us <= scene.at_us < sale.ends_us:
        own_micro = price.unit_price_micro
        if is_taken(sale, scene.currency, own_micro):
            step = PriceAdjustment("flash_sale", sale.price_micro - own_micro, None, sale.sale_id)
            return CatalogPrice(price.list_price_micro, sale.price_micro, [*price.adjustments, step])
    return price


def place_of_region(region: str | None) -> tuple[str, str, str | None]:
    """Country, city and district: the parts of an address that lies in a region, and in no narrower one that somebody could name.

    Raises:
        RegionUnreadable: It is no region.
    """
    if region is None:
        return "", "", None
    if region_key(region).startswith(_BARE):
        return "", region, None
    country, *names = region.split("/")
    return country, names[0] if names else "", names[1] if len(names) > 1 else None

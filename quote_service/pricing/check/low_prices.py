"""Price rules, alone or together, that take a price below what the product costs, or that its `min_price` holds back.

Shown by `price_product` on products of the catalog: those that a rule names, or some of all. Who asks and what is in stock
are chosen so that the rule changes the price most: alone, and together with the largest quantity that other rules ask for,
much stock and no demand.

Source: docs/spec/pricing-rules.md#rule-check; docs/spec/pricing-rules.md#price-rules.
"""

from collections.abc import Iterator

from quote_service.platform.money.amounts import unit_price_text
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.price_adjustment import CatalogPrice
from quote_service.pricing.catalog.price_order import PRICE_ORDER
from quote_service.pricing.catalog.price_product import price_product
from quote_service.pricing.catalog.price_rules import PriceRules, find_price_rules
from quote_service.pricing.catalog.price_step import Circumstances, PriceStep
from quote_service.pricing.catalog.product_price import ProductPrice
from quote_service.pricing.check.book import Book, CheckedRule
from quote_service.pricing.check.finding import Code, Finding, finding
from quote_service.pricing.check.sample_basket import CUSTOMERS, SampleBasket, find_sample_basket
from quote_service.pricing.flags.decision import Subject
from quote_service.pricing.rulebook.compiled_rule import CompiledRule

_PRODUCTS_MAX = 100  # of one rule
_SAMPLED_MAX = 1000  # of the catalog, for one rule
_PRICES_MAX = 20_000  # of all
_RULES_NAMED = 5
_VERY_MUCH = 10**9


def low_prices(book: Book) -> Iterator[Finding]:
    """For each price rule a product that it can sell below its cost, and one whose minimum it meets."""
    catalog = book.rulebook.catalog
    if catalog.is_empty:
        return
    left = _PRICES_MAX
    for name, step in PRICE_ORDER:
        for rule in book.of_type(name):
            if not book.concerns(rule.compiled.id):
                continue
            book.step()
            asked = find_sample_basket(book, [rule])
            if asked is None:
                continue
            found: set[Code] = set()
            products = products_covered(book, catalog, rule, asked.currency)
            for circumstances in _circumstances(book, rule, step):
                rules = _rules_for(book, rule.compiled, asked, step, circumstances)
                if rules is None:
                    continue
                for product in products:
                    left -= 1
                    if left < 0:
                        book.is_cut_short = True
                        return
                    price = _price(product, rules, circumstances)
                    for code, why in _faults(rule, product, price):
                        if code not in found:
                            found.add(code)
                            yield _finding(book, code, why, rule, price, product)


def products_covered(book: Book, catalog: CatalogSnapshot, rule: CheckedRule, currency: str) -> list[ProductPrice]:
    """Some products that a rule covers, in the currency that it is asked in."""
    named = rule.conditions.product_ids
    if named is not None:
        ids = [str(each) for each in named[: _PRODUCTS_MAX + 1]]
        found = [each for each in (catalog.find(key, None, currency) for key in ids) if each is not None]
        is_all = len(ids) <= _PRODUCTS_MAX
    else:
        found = [each for each in catalog.some(_SAMPLED_MAX) if each.currency == currency]
        is_all = catalog.count <= _SAMPLED_MAX
    test = rule.compiled.line_test
    covered = [each for each in found if each.is_active and (test is None or test(each))]
    if not is_all or len(covered) > _PRODUCTS_MAX:
        book.is_cut_short = True
    return covered[:_PRODUCTS_MAX]


def _circumstances(book: Book, rule: CheckedRule, step: PriceStep) -> Iterator[Circumstances]:
    """The extremes of a rule, each by itself and with what makes other rules take most off."""
    others = [
        each
        for name, other in PRICE_ORDER
        for another in book.of_type(name)[:_PRODUCTS_MAX]
        for each in other.extremes(another.compiled.effect)
    ]
    quantity = max((each.quantity for each in others if each.quantity is not None), default=None)
    for own in step.extremes(rule.compiled.effect):
        yield own
        together = Circumstances(
            own.quantity if own.quantity is not None else quantity,
            own.tier,
            own.stock if own.stock is not None else _VERY_MUCH,
            own.is_wanted if own.is_wanted is not None else False,
        )
        if together != own:
            yield together


def _rules_for(
    book: Book, rule: CompiledRule, asked: SampleBasket, step: PriceStep, circumstances: Circumstances
) -> PriceRules | None:
    """The price rules for somebody for whom a rule counts; None where nobody is found."""
    period = book.rulebook.period_at(asked.at_us)
    applicable = period.applicable_rules(*asked.address, asked.currency)
    tier = circumstances.tier if circumstances.tier is not None else asked.shopper.get("customer_tier")
    for customer in (asked.customer_id, *CUSTOMERS) if step.flag is not None else (asked.customer_id,):
        subject = Subject(customer, tier, asked.shopper.get("customer_segments", []), applicable.regions)
        found = find_price_rules(period, applicable, subject)
        if found is not None and any(rule in rules for _, _, rules in found.steps):
            return found
    return None


def _price(product: ProductPrice, rules: PriceRules, circumstances: Circumstances) -> CatalogPrice:
    stock = {} if circumstances.stock is None else {product.item_id: circumstances.stock}
    hours = frozenset(
        hours
        for _, step, rules_of_step in rules.steps
        for rule in rules_of_step
        if (hours := step.demand_hours(rule.effect)) is not None
    )
    sold = {(product.product_id, each): _VERY_MUCH for each in hours} if circumstances.is_wanted else {}
    followed = frozenset[int]() if circumstances.is_wanted is None else hours
    catalog = CatalogSnapshot(stock=stock, demand=sold, demand_hours=followed)
    quantity = circumstances.quantity or 1
    return price_product(product, quantity, quantity, rules, catalog)


def _faults(rule: CheckedRule, product: ProductPrice, price: CatalogPrice) -> Iterator[tuple[Code, str]]:
    if not any(each.rule is rule.compiled for each in price.adjustments):
        return
    list_price, unit = (_text(product, each) for each in (price.list_price_micro, price.unit_price_micro))
    what = f"from {list_price} to {unit} {product.currency} the unit"
    cost = product.cost_micro
    if cost is not None and price.unit_price_micro < cost <= price.list_price_micro:
        yield "price-below-cost", f"{what}, below its cost of {_text(product, cost)}"
    if any(each.kind == "min_price_applied" for each in price.adjustments):
        # Not to which price: whoever checks rules need not know the bounds of prices.
        yield (
            "price-held-at-minimum",
            f"down from {list_price} {product.currency} the unit, to where its min_price holds it",
        )


def _finding(
    book: Book, code: Code, what: str, rule: CheckedRule, price: CatalogPrice, product: ProductPrice
) -> Finding:
    acted = [each.rule for each in price.adjustments if each.rule is not None]
    by_id = {each.compiled.id: each for each in book.rules}
    others = [by_id[each.id] for each in acted if each is not rule.compiled and each.id in by_id][:_RULES_NAMED]
    who = rule.title + (f" together with {' and '.join(each.title for each in others)}" if others else "")
    why = f"{who} can take the price of a product ({product.item_id}) {what}"
    return finding(code, why, [rule.row, *(each.row for each in others)], [])


def _text(product: ProductPrice, price_micro: int) -> str:
    return unit_price_text(price_micro, EXPONENTS[product.currency])

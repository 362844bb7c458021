"""Baskets made to order: one that satisfies the conditions of some rules and the dimensions of some rates at once.

A finding rests on what `price_quote` gives for such a basket, so a basket that misses its aim costs a finding and never
makes a false one.

Source: docs/spec/quotes.md#request; docs/spec/pricing-rules.md#which-rule-counts.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from quote_service.platform.money.amounts import amount_text
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.system.instants import from_micros
from quote_service.pricing.basket import Address, Basket, BasketContext, BasketItem
from quote_service.pricing.catalog.price_adjustment import CatalogPrice
from quote_service.pricing.catalog.product_price import ProductPrice
from quote_service.pricing.check.book import Book, CheckedRule
from quote_service.pricing.check.finding import Example, ExampleAmounts
from quote_service.pricing.check.periods import Periods, common
from quote_service.pricing.commission.compiled_rate import CATEGORY, LOGISTICS, SELLER, CompiledRate
from quote_service.pricing.conditions.line_tests import LINE_CONDITIONS
from quote_service.pricing.conditions.shopper_tests import SHOPPER_CONDITIONS
from quote_service.pricing.conditions.time_windows import TimeWindow
from quote_service.pricing.countries import COUNTRIES
from quote_service.pricing.flags.decision import Subject
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote import CheckedBasket, Quote
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.pricing.regions import address_regions
from quote_service.pricing.rule_types.discounts.kind import BundleSlot
from quote_service.pricing.rulebook.rulebook import Rulebook

_SELLER = "00000000-0000-4000-8000-00000000005e"
_PRODUCT = "00000000-0000-4000-8000-0000000000aa"
_CITY = "Somewhere"
_UUID_LENGTH = 36
CUSTOMERS = tuple(f"00000000-0000-4000-8000-{number:012x}" for number in range(1, 65))
_WINDOW_STEPS_MAX = 800  # eight days of quarters of an hour
_BARE = "*"
_CONTEXT = "context."
_IMPOSSIBLE: Any = object()  # no value satisfies all rules


class MoreUnits(msgspec.Struct, frozen=True):
    """A further line of a basket, at the price of the first."""

    quantity: int
    product_id: str
    category_id: str | None
    tags: list[str]


class SampleBasket(msgspec.Struct, kw_only=True):
    """One line of `quantity` units at `unit_minor`, for somebody somewhere at an instant; or `more` lines of that price.

    `shopper` holds the fields of the request that conditions about the shopper look at.
    """

    at_us: int
    currency: str
    address: tuple[str, str, str | None]
    unit_minor: int
    quantity: int = 1
    customer_id: str = CUSTOMERS[0]
    seller_id: str = _SELLER
    product_id: str = _PRODUCT
    category_id: str | None = None
    provider: str | None = None
    tags: list[str] = []
    shopper: dict[str, Any] = {}
    is_express: bool = False
    codes: list[str] = []
    more: list[MoreUnits] = []

    def holding(self, slots: tuple[BundleSlot, ...], unit_minor: int) -> "SampleBasket":
        """The same with one set of a bundle, each unit at this price."""
        lines = []
        for slot in slots:
            value = min(slot.values)
            lines.append(
                MoreUnits(
                    slot.quantity,
                    value if slot.field == "product_ids" else self.product_id,
                    value if slot.field == "category_ids" else self.category_id,
                    [*self.tags, value] if slot.field == "tags_any" else self.tags,
                )
            )
        first, *more = lines
        return msgspec.structs.replace(
            self,
            unit_minor=unit_minor,
            quantity=first.quantity,
            product_id=first.product_id,
            category_id=first.category_id,
            tags=first.tags,
            more=more,
        )

    def _lines(self) -> list[MoreUnits]:
        return [MoreUnits(self.quantity, self.product_id, self.category_id, self.tags), *self.more]

    def costing(self, unit_minor: int, quantity: int = 1) -> "SampleBasket":
        """The same with another price or another number of units."""
        return msgspec.structs.replace(self, unit_minor=unit_minor, quantity=quantity)

    def priced(self, rulebook: Rulebook) -> Quote:
        """The quote for it."""
        return price_quote(QuoteBasis(rulebook, self._basket(), self.at_us))

    def priced_of(self, rulebook: Rulebook, product: ProductPrice, quantity: int) -> Quote:
        """The quote for units of a product of the catalog at its current price instead."""
        checked = msgspec.structs.replace(self, quantity=quantity, more=[])._basket()
        item = checked.basket.items[0]
        item.product_id, item.variant_id = product.product_id, product.variant_id
        item.category_id = product.category_id or item.category_id
        item.seller_id, item.tags = product.seller_id, list(product.tags) or item.tags
        price_micro = product.current_micro
        checked.unit_prices_micro = [price_micro]
        checked.catalog_prices = [CatalogPrice(price_micro, price_micro, [], product.min_micro, product.cost_micro)]
        return price_quote(QuoteBasis(rulebook, checked, self.at_us))

    def example(self, rulebook: Rulebook, shows: str) -> Example:
        """Its request body and what that comes to."""
        quote = self.priced(rulebook)
        amounts = (
            quote.subtotal_minor,
            quote.discount_minor,
            quote.tax_minor,
            quote.delivery_fee_minor,
            quote.small_basket_fee_minor,
            quote.total_minor,
            quote.commission.total_minor,
        )
        written = ExampleAmounts(*(ExactNumber(amount_text(amount, quote.exponent)) for amount in amounts))
        return Example(shows, self.request(), from_micros(self.at_us), written)

    def _basket(self) -> CheckedBasket:
        country, city, district = self.address
        items = [
            BasketItem(
                product_id=line.product_id,
                quantity=line.quantity,
                category_id=line.category_id,
                tags=line.tags or None,
            )
            for line in self._lines()
        ]
        basket = Basket(
            customer_id=self.customer_id,
            seller_id=self.seller_id,
            items=items,
            delivery_address=Address(city=city, country=country, district=district),
            currency=self.currency,
            is_express_delivery=self.is_express,
            coupon_codes=self.codes or None,
            logistics_provider=self.provider,
            **self._shopper_fields(BasketContext),
        )
        exponent = EXPONENTS[self.currency]
        return CheckedBasket(basket, exponent, [self.unit_minor * 10 ** (6 - exponent)] * len(items), 0)

    def _shopper_fields(self, make_context: Callable[..., Any]) -> dict[str, Any]:
        fields = {name: value for name, value in self.shopper.items() if not name.startswith(_CONTEXT)}
        context = {name.removeprefix(_CONTEXT): value for name, value in self.shopper.items() if name not in fields}
        return {**fields, "context": make_context(**context)} if context else fields

    def request(self) -> dict[str, Any]:
        """The body that asks for this quote."""
        country, city, district = self.address
        price = ExactNumber(amount_text(self.unit_minor, EXPONENTS[self.currency]))
        items = [
            {
                "product_id": line.product_id,
                "quantity": line.quantity,
                "unit_price": price,
                "category_id": line.category_id,
                "tags": line.tags,
            }
            for line in self._lines()
        ]
        address = {"country": country, "city": city, "district": district}
        body = {
            "customer_id": self.customer_id,
            "seller_id": self.seller_id,
            "items": list(map(_given, items)),
            "delivery_address": _given(address),
            "currency": self.currency,
            "is_express_delivery": self.is_express,
            "coupon_codes": self.codes,
            "logistics_provider": self.provider,
            **self._shopper_fields(dict),
        }
        return _given(body)


def find_sample_basket(
    book: Book,
    rules: Sequence[CheckedRule] = (),
    rates: Sequence[CompiledRate] = (),
    *,
    currency: str | None = None,
    total_minor: int | None = None,
    during: Periods | None = None,
) -> SampleBasket | None:
    """A basket for which all these rules' conditions hold and all these rates match; None where none is found.

    Args:
        book: What is checked.
        rules: Each must hold.
        rates: Each must match.
        currency: The quote's, where no row names one.
        total_minor: The line's total; by default 100 major units, or the nearest that the rules allow.
        during: Instants to choose from; by default those at which all the rules count and the rates are effective.
    """
    book.step()
    regions = [(rule.compiled.region_key, rule.compiled.region) for rule in rules]
    regions += [(rate.region_key, rate.region) for rate in rates]
    given = [*(rule.compiled.currency for rule in rules), *(rate.currency for rate in rates)]
    named = {each for each in given if each is not None} or {currency or "TRY"}
    address = _address(regions, min(named))
    at_us = _instant(rules, rates, during)
    if len(named) > 1 or address is None or at_us is None:
        return None
    (quote_currency,) = named
    unit_minor = _total(rules, EXPONENTS[quote_currency]) if total_minor is None else total_minor
    sample_basket = SampleBasket(at_us=at_us, currency=quote_currency, address=address, unit_minor=unit_minor)
    if not (
        _meet_line_conditions(sample_basket, rules)
        and _meet_rates(sample_basket, rates)
        and _meet_shopper(sample_basket, rules)
    ):
        return None
    return sample_basket if _meet_flags(book, sample_basket, rules) else None


def _given(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value not in (None, [], {}, False)}


def _meet_line_conditions(sample_basket: SampleBasket, rules: Sequence[CheckedRule]) -> bool:
    for name, condition in LINE_CONDITIONS.items():
        lists = [getattr(rule.conditions, name) for rule in rules]
        value = _one_of_each(lists) if condition.field_is_list else _one_of_all(lists)
        if value is _IMPOSSIBLE:
            return False
        if value is not None:
            setattr(sample_basket, condition.field, value)
    return True


def _meet_rates(sample_basket: SampleBasket, rates: Sequence[CompiledRate]) -> bool:
    fixed: dict[str, str] = {}
    for rate in rates:
        for field, value in dimension_values(rate).items():
            if fixed.setdefault(field, value) != value:
                return False
    for field, value in fixed.items():
        chosen = getattr(sample_basket, field)
        if field != "provider" and chosen not in (None, value, _SELLER):
            return False  # the rules want another
        setattr(sample_basket, field, value)
    return True


def dimension_values(rate: CompiledRate) -> dict[str, str]:
    """The values that a rate names, by the field of a basket that carries them."""
    values: dict[str, str] = {}
    rest = rate.key
    for mask, field in ((SELLER, "seller_id"), (CATEGORY, "category_id")):
        if rate.named & mask:
            values[field], rest = rest[:_UUID_LENGTH], rest[_UUID_LENGTH:]
    if rate.named & LOGISTICS:
        values["provider"] = rest
    return values


def _meet_shopper(sample_basket: SampleBasket, rules: Sequence[CheckedRule]) -> bool:
    for name, condition in SHOPPER_CONDITIONS.items():
        if condition.field is None:
            continue
        lists = [getattr(rule.conditions, name) for rule in rules]
        value = _one_of_each(lists) if condition.field_is_list else _one_of_all(lists)
        if value is _IMPOSSIBLE:
            return False
        if value is not None:
            sample_basket.shopper[condition.field] = value
    wanted = {rule.conditions.express for rule in rules if rule.conditions.express is not None}
    wanted |= {True for rule in rules if rule.compiled.is_for_express}
    if len(wanted) > 1:
        return False
    sample_basket.is_express = True in wanted
    codes = [rule.discount.code for rule in rules if rule.discount is not None and rule.discount.code is not None]
    sample_basket.codes = list(dict.fromkeys(codes))
    return True


def _meet_flags(book: Book, sample_basket: SampleBasket, rules: Sequence[CheckedRule]) -> bool:
    keys = {rule.conditions.flag for rule in rules if rule.conditions.flag is not None}
    if not keys:
        return True
    flags = book.rulebook.period_at(sample_basket.at_us).flags
    if not all(key in flags for key in keys):
        return False
    regions, shopper = address_regions(*sample_basket.address), sample_basket.shopper
    for customer in CUSTOMERS:
        subject = Subject(
            customer,
            shopper.get("customer_tier"),
            shopper.get("customer_segments", []),
            regions,
            shopper.get("context.ab_test_group"),
        )
        if all(flags[key].evaluate(subject).is_true for key in keys):
            sample_basket.customer_id = customer
            return True
    return False


def _one_of_all(lists: Iterable[list[Any] | None]) -> Any:
    """A value that stands in each list that is given."""
    given = [{str(value) for value in values} for values in lists if values is not None]
    if not given:
        return None
    return min(set.intersection(*given), default=_IMPOSSIBLE)


def _one_of_each(lists: Iterable[list[str] | None]) -> Any:
    """Values of which each list that is given has one."""
    chosen: list[str] = []
    for values in lists:
        if values is None or not set(chosen).isdisjoint(values):
            continue
        if not values:
            return _IMPOSSIBLE
        chosen.append(values[0])
    return chosen or None


def _total(rules: Sequence[CheckedRule], exponent: int) -> int:
    total_minor: int = 100 * 10**exponent
    for rule in rules:
        total_minor = max(total_minor, rule.compiled.min_subtotal_minor or 0)
    for rule in rules:
        if rule.compiled.max_subtotal_minor is not None:
            total_minor = min(total_minor, rule.compiled.max_subtotal_minor)
    return total_minor


def _instant(rules: Sequence[CheckedRule], rates: Sequence[CompiledRate], during: Periods | None) -> int | None:
    periods: Periods | None = during
    own = [rule.counting for rule in rules] if during is None else []
    for each in (*own, *(((rate.effective_from_us, rate.effective_to_us),) for rate in rates)):
        periods = each if periods is None else common(periods, each)
    windows = [rule.compiled.window for rule in rules if rule.compiled.window is not None]
    return first_open(periods or (), windows)


def first_open(periods: Periods, windows: Sequence[TimeWindow]) -> int | None:
    """The first instant in the periods at which all windows are open; None if none is in the first eight days of each."""
    for start_us, end_us in periods:
        at_us = start_us
        for _ in range(_WINDOW_STEPS_MAX):
            if at_us >= end_us:
                break
            if all(window.is_open(at_us) for window in windows):
                return at_us
            at_us = min(window.settled_until(at_us) for window in windows)
    return None


def _address(regions: list[tuple[str, str | None]], currency: str) -> tuple[str, str, str | None] | None:
    """An address that lies in every one of the regions, spelled as their authors did."""
    keys = dict(regions)
    paths = sorted((key for key in keys if key and not key.startswith(_BARE)), key=len, reverse=True)
    if any(paths[0] != path and not paths[0].startswith(path + "/") for path in paths):
        return None
    parts = [part.strip() for part in (keys[paths[0]] or "").split("/")] if paths else [_country_of(currency)]
    address = [parts[0].upper(), *parts[1:]]
    for key in keys:
        folded = paths[0].split("/")[1:] if paths else []
        if key.startswith(_BARE) and key[1:] not in folded:
            if len(address) == 3:
                return None
            address.append((keys[key] or "").strip())
    if len(address) > 3:
        return None
    return address[0], address[1] if len(address) > 1 else _CITY, address[2] if len(address) > 2 else None


def _country_of(currency: str) -> str:
    country = currency[:2]
    return country if country in COUNTRIES else "DE" if currency == "EUR" else "TR"

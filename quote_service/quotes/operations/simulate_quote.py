"""What a quote would be, beside what it is: at another instant, with drafts, other flags or another tier.

Everything works on copies of the rulebook: the one that is held keeps its period, no cache sees the result, nothing counts.

An instant in the past is asked of the rulebook as it is now: its effective dates are held against that instant, rates that
have ended since included. What was changed or switched off since then is not undone, and prices of the catalog are those of
now. Of flash sales only those count that are active now, each from its start to its end.

With `known_us` it is asked of what was known at that instant instead: the rulebook version that counted then, and prices, stock,
demand and sales as they were.

Source: docs/spec/quotes.md#simulate-a-quote.
"""

import asyncio
from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any, NamedTuple

import msgspec

from quote_service.platform.money.amounts import amount_text
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Fault, Invalid, Unavailable
from quote_service.platform.system.new_ids import new_id
from quote_service.pricing.basket import Basket
from quote_service.pricing.catalog.complete_basket import complete_basket, complete_customer, complete_lines
from quote_service.pricing.commission.rate import RateDraft
from quote_service.pricing.commission.stored_rate import StoredRate
from quote_service.pricing.flags.stored_flag import StoredFlag
from quote_service.pricing.hints.find_hints import find_hints
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote import CheckedBasket, Quote
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.pricing.rulebook.rule import RuleDraft
from quote_service.pricing.rulebook.rulebook import Rulebook, apply_changes, empty_rulebook
from quote_service.pricing.rulebook.stored import RulebookChanges
from quote_service.pricing.rulebook.supposed_rows import stored_rate, stored_rule
from quote_service.pricing.sales.sale_price import SalePrice
from quote_service.rulebook.feature_flags.operations.supposed_flags import supposed_flags
from quote_service.rulebook.snapshot.model.errors import RowUnreadable
from quote_service.rulebook.snapshot.model.known_past import KnownPast
from quote_service.rulebook.snapshot.operations.known_past import read_known_past
from quote_service.rulebook.snapshot.operations.past_rulebook import past_rulebook
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder

_KNOWN_AT = "/known_at"
_UNREADABLE = "this release does not understand a rule or rate that was known then"


class Suppositions(msgspec.Struct, frozen=True, kw_only=True):
    """What is supposed; `at_us` is now where nothing is said. A `customer_tier` that is UNSET stays the request's.

    `known_us` is the instant by whose knowledge it is priced, None for what is known now, with today's prices.
    """

    at_us: int
    known_us: int | None = None
    rules: Sequence[RuleDraft] = ()
    rates: Sequence[RateDraft] = ()
    flag_values: Mapping[str, Any] = {}
    customer_tier: str | msgspec.UnsetType | None = msgspec.UNSET


class Simulated(NamedTuple):
    """Both quotes, and by how much each amount of the second differs from the first, as JSON numbers."""

    now: Quote
    simulated: Quote
    differences: dict[str, str]


async def simulate_quote(
    database: Database,
    holder: RulebookHolder,
    prices: Mapping[str, SalePrice],
    checked: CheckedBasket,
    supposed: Suppositions,
    now_us: int,
) -> Simulated:
    """Price a basket as things are and as they are supposed to be; `prices` is what is on sale, by product.

    Raises:
        Invalid: A flag's supposed value does not fit it, there is no such flag, a draft is of another type than the rule of its name, a line has
            no price, or nothing is kept of the instant by whose knowledge it should be priced.
        Unavailable: No rulebook has been read yet, or an instant in the past needs PostgreSQL, which is unavailable.
    """
    held = holder.rulebook
    if held is None:
        raise Unavailable("The rulebook has not been loaded yet", retry_after_seconds=1)
    other = basket_again(checked)
    if supposed.known_us is not None:
        complete_basket(QuoteBasis(held, checked, now_us))
        past = await _known_past(database, checked.basket, supposed.at_us, supposed.known_us)
        base = await asyncio.to_thread(_book_of, past, held)
        flags = supposed_flags(base, supposed.flag_values)
        scene = _Scene(base, (), past.sales)
        return await asyncio.to_thread(_price_both, held, scene, flags, prices, (checked, other), supposed, now_us)
    flags = supposed_flags(held, supposed.flag_values)
    # The rates of its lines' sellers and categories are asked for, and those may be the catalog's.
    complete_basket(QuoteBasis(held, checked, now_us))
    then = await past_rulebook(database, held.version, checked.basket) if supposed.at_us < now_us else None
    scene = _Scene(held, then.rates if then is not None else (), prices)
    return await asyncio.to_thread(_price_both, held, scene, flags, prices, (checked, other), supposed, now_us)


class _Scene(NamedTuple):
    """What the supposed quote goes by before anything is supposed: a rulebook, rates beside its own, and what is on sale."""

    base: Rulebook
    rates: Sequence[StoredRate]
    prices: Mapping[str, SalePrice]


async def _known_past(database: Database, basket: Basket, at_us: int, known_us: int) -> KnownPast:
    try:
        return await read_known_past(database, basket, at_us, known_us, _KNOWN_AT)
    except (RowUnreadable, msgspec.ValidationError) as failure:
        raise Invalid.at(_KNOWN_AT, _UNREADABLE) from failure


def _book_of(past: KnownPast, held: Rulebook) -> Rulebook:
    """The rulebook of then; nobody keeps tiers and segments of customers, so they are those of now."""
    try:
        return apply_changes(empty_rulebook().with_catalog(past.catalog, held.customers), past.rows)
    except msgspec.ValidationError as failure:
        raise Invalid.at(_KNOWN_AT, _UNREADABLE) from failure


def _price_both(
    held: Rulebook,
    scene: _Scene,
    flags: list[StoredFlag],
    prices: Mapping[str, SalePrice],
    baskets: tuple[CheckedBasket, CheckedBasket],
    supposed: Suppositions,
    now_us: int,
) -> Simulated:
    checked, other = baskets
    # A copy even for the quote of now: the period that a rulebook keeps is the event loop's.
    current = apply_changes(held, _changes(held))
    held_basis = QuoteBasis(current, checked, now_us)
    held_basis.find_sales(prices)
    now = price_quote(held_basis)
    base = scene.base
    newest: dict[str, int] = {}
    types: dict[str, str] = {}
    for known in base.rules.values():
        name = known.compiled.name
        newest[name], types[name] = max(newest.get(name, 0), known.compiled.version), known.stored.draft.type
    _require_types(supposed.rules, types)
    rules = []
    for draft in supposed.rules:
        newest[draft.name] = newest.get(draft.name, 0) + 1
        rules.append(stored_rule(draft, new_id(), newest[draft.name], supposed.at_us))
    rates = [stored_rate(draft, new_id(), supposed.at_us) for draft in supposed.rates if draft.is_active]
    changes = _changes(base, rules=rules, rates=[*scene.rates, *rates], flags=flags)
    book = apply_changes(base, changes)
    basis = QuoteBasis(book, other, supposed.at_us)
    complete_customer(basis)
    if supposed.customer_tier is not msgspec.UNSET:
        other.basket.customer_tier = supposed.customer_tier
    complete_lines(basis)
    basis.find_sales(scene.prices)
    simulated = price_quote(basis)
    if checked.basket.include_hints:
        now.hints = find_hints(held_basis, prices, now).entries
        simulated.hints = find_hints(basis, scene.prices, simulated).entries
    now.warnings += checked.price_warnings
    simulated.warnings += other.price_warnings
    return Simulated(now, simulated, amount_differences(now, simulated))


def _require_types(drafts: Sequence[RuleDraft], types: dict[str, str]) -> None:
    """Refuse drafts that could be no version of the rule of their name, or of the draft before them."""
    faults = [
        Fault(f"/draft_rules/{index}/type", f"must be that of the other versions of the rule, {types[draft.name]}")
        for index, draft in enumerate(drafts)
        if types.setdefault(draft.name, draft.type) != draft.type
    ]
    if faults:
        raise Invalid.because(tuple(faults))


def _changes(held: Rulebook, **rows: Any) -> RulebookChanges:
    nothing: dict[str, Any] = {"rates": [], "ended_rate_ids": [], "rules": [], "flags": [], "exhaustions": []}
    return RulebookChanges(version=held.version, is_complete=False, **{**nothing, **rows})


def basket_again(checked: CheckedBasket) -> CheckedBasket:
    """The basket once more, to be completed by itself."""
    basket = copy(checked.basket)
    basket.items = [copy(item) for item in basket.items]
    return msgspec.structs.replace(checked, basket=basket, unit_prices_micro=[*checked.unit_prices_micro])


def amount_differences(now: Quote, simulated: Quote) -> dict[str, str]:
    """By how much each amount of the second quote differs from that of the first, as JSON numbers."""
    return {
        name: amount_text(amount - _amounts(now)[name], now.exponent) for name, amount in _amounts(simulated).items()
    }


def _amounts(quote: Quote) -> dict[str, int]:
    commission = quote.commission
    return {
        "item_total": quote.item_total_minor,
        "discount_amount": quote.discount_minor,
        "subtotal": quote.subtotal_minor,
        "tax_amount": quote.tax_minor,
        "delivery_fee": quote.delivery_fee_minor,
        "small_basket_fee": quote.small_basket_fee_minor,
        "total_amount": quote.total_minor,
        "platform_funded_discount": quote.platform_discount_minor,
        "total_commission": commission.total_minor,
        "seller_commission": commission.seller_minor,
        "category_commission": commission.category_minor,
        "logistics_commission": commission.logistics_minor,
    }

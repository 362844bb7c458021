"""All that decides a price at one instant, taken apart, so that one part of it can be changed at a time.

Source: docs/spec/analytics.md#honoured-prices.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple

import msgspec

from quote_service.platform.system.instants import FOREVER
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.complete_basket import complete_lines
from quote_service.pricing.catalog.product_price import ProductPrice
from quote_service.pricing.commission.compiled_rate import CompiledRate
from quote_service.pricing.commission.rate_index import build_rate_index
from quote_service.pricing.flags.stored_flag import StoredFlag
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote import CheckedBasket, Quote
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.pricing.rulebook.effective_period import EffectivePeriod
from quote_service.pricing.rulebook.known_rule import KnownRule
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.pricing.sales.sale_price import SalePrice

Kind = Literal["price", "flash_sale", "stock", "demand", "flag", "rule", "rate"]


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What is in force at an instant: rules by name, rates by id, flags by key, prices, stock and demand by item or product,
    sales by product. None of it begins or ends by itself (`rules_in_force`), but for flags.
    """

    rules: Mapping[str, KnownRule]
    rates: Mapping[str, CompiledRate]
    flags: Mapping[str, StoredFlag]
    prices: Mapping[str, ProductPrice]
    stock: Mapping[str, int]
    demand: Mapping[tuple[str, int], int]
    sales: Mapping[str, SalePrice]


class Unchanging(msgspec.Struct, frozen=True, kw_only=True):
    """What counts for a quote whatever changes: the categories, where sellers are, and what was used up when it was issued."""

    parents: Mapping[str, str | None]
    seller_regions: Mapping[str, str]
    coupon_uses: dict[tuple[str, str | None], int]
    budget_spends: dict[tuple[str, str, str | None], int]
    demand_hours: frozenset[int]


class Change(NamedTuple):
    """One thing that differs between two terms; `key` is what the part of them has it by."""

    kind: Kind
    key: Any


# The part of the terms that each kind of change is in, in the order in which changes are made: from what a unit costs on.
_PARTS: Final[tuple[tuple[Kind, str], ...]] = (
    ("price", "prices"),
    ("stock", "stock"),
    ("demand", "demand"),
    ("flash_sale", "sales"),
    ("flag", "flags"),
    ("rule", "rules"),
    ("rate", "rates"),
)
_PART_OF: Final = dict(_PARTS)


def rules_in_force(rules: Mapping[str, KnownRule], period: EffectivePeriod) -> dict[str, KnownRule]:
    """The rules of a period by name, as if they counted for ever after it: no end, and no window.

    Args:
        rules: All of the rulebook, by id.
        period: A stretch of time of it.
    """
    # The beginning stays: it is one of the things that say which of two rules comes first.
    return {
        rule.name: KnownRule(rules[rule.id].stored, msgspec.structs.replace(rule, window=None, effective_to_us=FOREVER))
        for rule in period.rules
    }


def rates_in_force(rates: Iterable[CompiledRate], at_us: int) -> dict[str, CompiledRate]:
    """The rates that are effective at an instant by id, as if they never ended."""
    return {
        rate.id: msgspec.structs.replace(rate, effective_to_us=FOREVER, kept=None)
        for rate in rates
        if rate.effective_from_us <= at_us < rate.effective_to_us
    }


def changes_between(before: Terms, after: Terms) -> Iterator[Change]:
    """What differs, in one order for the same terms."""
    for kind, part in _PARTS:
        held, other = getattr(before, part), getattr(after, part)
        if held is other:
            continue
        for key in sorted(held.keys() | other.keys(), key=str):
            if not _is_same(kind, held.get(key), other.get(key)):
                yield Change(kind, key)


def _is_same(kind: Kind, one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    if kind == "rule":  # a version is a row that never changes
        return bool(one.stored.id == other.stored.id)
    if kind == "flash_sale":
        return (one.sale_id, one.price_micro) == (other.sale_id, other.price_micro)
    return bool(one == other)


def with_change(terms: Terms, after: Terms, change: Change) -> Terms:
    """The terms with one thing as it is after."""
    part = _PART_OF[change.kind]
    changed = dict(getattr(terms, part))
    value = getattr(after, part).get(change.key)
    if value is None:
        changed.pop(change.key, None)
    else:
        changed[change.key] = value
    return msgspec.structs.replace(terms, **{part: changed})


def price_by(terms: Terms, unchanging: Unchanging, read: Callable[[], CheckedBasket], at_us: int) -> Quote:
    """Price a basket by some terms.

    Args:
        terms: What is in force.
        unchanging: What counts beside.
        read: The basket again, since pricing fills it in.
        at_us: The instant for what goes by the clock.

    Raises:
        Invalid: A line has no price.
    """
    catalog = CatalogSnapshot(
        terms.prices.values(),
        terms.stock,
        terms.demand,
        parents=unchanging.parents,
        demand_hours=unchanging.demand_hours,
        seller_regions=unchanging.seller_regions,
    )
    book = Rulebook(
        0,
        build_rate_index(terms.rates.values()),
        {known.compiled.id: known for known in terms.rules.values()},
        {flag.id: flag for flag in terms.flags.values()},
        unchanging.coupon_uses,
        catalog,
        budget_spends=unchanging.budget_spends,
    )
    basis = QuoteBasis(book, read(), at_us)
    complete_lines(basis)
    basis.find_sales(terms.sales)
    return price_quote(basis)

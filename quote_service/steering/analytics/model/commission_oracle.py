"""The commission of an issued quote once more, worked out slowly in exact fractions, and held against what the quote says.

It shares no arithmetic with what prices: it takes the lines, the discounts that sellers pay for, and the rates, and says which
of them are paid, what each charges, who it is charged for, and what sellers get. Only which tax is on the commission is taken
from the quote.

Source: docs/spec/commission.md; docs/spec/analytics.md#commission-checks.
"""

from collections.abc import Callable, Generator, Iterable
from fractions import Fraction
from math import floor
from typing import Any, NamedTuple

from quote_service.pricing.commission.compiled_rate import CompiledRate

Document = dict[str, Any]
# Candidates for a line of this seller, category and logistics provider; more of them than are paid do not matter.
FindRates = Callable[[str, str | None, str | None], Iterable[CompiledRate]]

_NAMES = ("seller", "category", "logistics")
_MICRO = 10**6
_DIFFERENCES_MAX = 20


class QuotedCommission(NamedTuple):
    """An issued quote in its whole form and what it was asked for, both with exact numbers.

    `provider` is who delivers, by the request or by the rule that set the fee; `regions` are those of the address.
    """

    quote: Document
    request: Document
    provider: str | None
    exponent: int
    regions: dict[str, int]
    at_us: int


class _Line(NamedTuple):
    product: str
    seller: str
    category: str | None
    quantity: int
    total: int
    base: int


class _Charge(NamedTuple):
    """As a detail of the quote shows it, in minor units."""

    product: str
    rate: str
    base: int
    amount: int
    clamped: str | None
    parts: tuple[int, int, int]


def find_differences(quoted: QuotedCommission, find_rates: FindRates) -> Generator[None, None, list[str]]:
    """What of a quote's commission and payouts is not as it should be, told by place; yields after each line and detail.

    Args:
        quoted: The quote.
        find_rates: The rates of the rulebook that it was priced by.

    Returns:
        At most 20 differences; none where the quote is right.
    """
    minor = _minor_of(quoted.exponent)
    lines = _lines(quoted, minor)
    charges: list[tuple[_Line, CompiledRate, int, str | None]] = []
    together: dict[tuple[str, str], list[int]] = {}
    for line in lines:
        for rate in _paid(quoted, line, find_rates):
            amount, clamped = 0, None
            if rate.scope in ("ORDER", "QUOTE"):
                payer = line.seller if rate.scope == "ORDER" else ""
                together.setdefault((rate.id, payer), []).append(len(charges))
            elif rate.scope == "UNIT":
                unit, clamped = _charged(rate, Fraction(line.base, line.quantity))
                amount = unit * line.quantity
            else:
                amount, clamped = _charged(rate, Fraction(line.base))
            charges.append((line, rate, amount, clamped))
        yield
    for places in together.values():
        bases = [charges[place][0].base for place in places]
        whole, clamped = _charged(charges[places[0]][1], Fraction(sum(bases)))
        for place, part in zip(places, _shared(whole, bases), strict=True):
            charges[place] = (*charges[place][:2], part, clamped)
    wanted = [
        _Charge(line.product, rate.id, line.base, amount, clamped, _parts(rate, amount))
        for line, rate, amount, clamped in charges
    ]
    commissions: dict[str, int] = {}
    for line, _, amount, _ in charges:
        commissions[line.seller] = commissions.get(line.seller, 0) + amount
    reported: list[_Charge] = []
    for detail in quoted.quote["commission_breakdown"]["details"]:
        reported.append(_charge_of(detail, minor))
        yield
    found = [*_of_details(quoted, minor, reported, wanted), *_of_payouts(quoted, minor, lines, commissions)]
    return found[:_DIFFERENCES_MAX]


def _minor_of(exponent: int) -> Callable[[Any], int]:
    scale = 10**exponent

    def minor(amount: Any) -> int:
        scaled = Fraction(amount) * scale
        if scaled.denominator != 1:
            raise ValueError(f"{amount} has more digits than its currency")
        return int(scaled)

    return minor


def _lines(quoted: QuotedCommission, minor: Callable[[Any], int]) -> list[_Line]:
    quote, asked = quoted.quote, quoted.request["items"]
    discounts: dict[int, int] = {}
    for each in quote.get("discount_details", ()):
        discounts[each["line"]] = discounts.get(each["line"], 0) + minor(each["seller_funded"])
    return [
        _Line(
            product=item["product_id"],
            seller=item["seller_id"],
            category=wanted.get("category_id"),
            quantity=item["quantity"],
            total=minor(item["line_total"]),
            base=minor(item["line_total"]) - discounts.get(number, 0),
        )
        for number, (item, wanted) in enumerate(zip(quote["items"], asked, strict=True), 1)
    ]


def _paid(quoted: QuotedCommission, line: _Line, find_rates: FindRates) -> list[CompiledRate]:
    """The rates that a line pays: by precedence, each as far as nothing of what it names is paid already."""
    values = (line.seller, line.category, quoted.provider)
    matching = [
        rate
        for rate in find_rates(*values)
        if rate.effective_from_us <= quoted.at_us < rate.effective_to_us
        and rate.region_key in quoted.regions
        and rate.currency in (None, quoted.quote["currency"])
        and all(values[place] for place in _named(rate))
        and rate.key == "".join(str(values[place]) for place in _named(rate))
    ]
    matching.sort(
        key=lambda rate: (
            rate.priority,
            len(_named(rate)),
            quoted.regions[rate.region_key],
            rate.effective_from_us,
            rate.id,
        ),
        reverse=True,
    )
    taken: list[CompiledRate] = []
    paid: set[int] = set()
    for rate in matching:
        named = _named(rate)
        if named and not paid.intersection(named):
            taken.append(rate)
            paid.update(named)
    return taken or [rate for rate in matching if not _named(rate)][:1]


def _named(rate: CompiledRate) -> list[int]:
    """The places of the dimensions that a rate names, in the order seller, category, logistics."""
    return [place for place in range(len(_NAMES)) if rate.named >> place & 1]


def _charged(rate: CompiledRate, base: Fraction) -> tuple[int, str | None]:
    if rate.commission_type == "FLAT":
        amount = rate.charge
    elif rate.commission_type == "PERCENTAGE":
        amount = _rounded(base * rate.charge / (100 * _MICRO))
    else:
        charged, reached = Fraction(0), Fraction(0)
        for tier in rate.tiers or ():
            upper = base if tier.up_to_minor is None else min(base, Fraction(tier.up_to_minor))
            charged += max(Fraction(0), upper - reached) * tier.percent_micro / (100 * _MICRO)
            reached = max(reached, upper)
        amount = _rounded(charged)
    if rate.min_minor is not None and amount < rate.min_minor:
        return rate.min_minor, "min"
    if rate.max_minor is not None and amount > rate.max_minor:
        return rate.max_minor, "max"
    return amount, None


def _parts(rate: CompiledRate, amount: int) -> tuple[int, int, int]:
    weights = rate.split
    if weights is None:
        first = (_named(rate) or [0])[0]
        weights = (int(first == 0), int(first == 1), int(first == 2))
    seller, category, logistics = _shared(amount, weights)
    return seller, category, logistics


def _charge_of(detail: Document, minor: Callable[[Any], int]) -> _Charge:
    return _Charge(
        detail["product_id"],
        detail["rate_id"],
        minor(detail["base_amount"]),
        minor(detail["amount"]),
        detail["clamped"],
        (
            minor(detail["seller_commission"]),
            minor(detail["category_commission"]),
            minor(detail["logistics_commission"]),
        ),
    )


def _of_details(
    quoted: QuotedCommission, minor: Callable[[Any], int], reported: list[_Charge], wanted: list[_Charge]
) -> list[str]:
    breakdown = quoted.quote["commission_breakdown"]
    found = [
        f"details/{place}: {said} should be {right}"
        for place, (said, right) in enumerate(zip(reported, wanted, strict=False))
        if said != right
    ]
    if len(reported) != len(wanted):
        found.append(f"details: {len(reported)} should be {len(wanted)}")
    sums = {f"{name}_commission": sum(each.parts[place] for each in wanted) for place, name in enumerate(_NAMES)}
    for name, right in {**sums, "total_commission": sum(sums.values())}.items():
        said = minor(breakdown[name])
        if said != right:
            found.append(f"{name}: {said} should be {right}")
    return found


def _of_payouts(
    quoted: QuotedCommission, minor: Callable[[Any], int], lines: list[_Line], commissions: dict[str, int]
) -> list[str]:
    """Sellers in the order of their lines; each tax on its commission, rounded once."""
    found, wanted = [], {}
    taxes = {each["seller_id"]: each for each in quoted.quote["commission_breakdown"].get("commission_tax", ())}
    by_seller: dict[str, list[_Line]] = {}
    for line in lines:
        by_seller.setdefault(line.seller, []).append(line)
    for seller, own in by_seller.items():
        commission, total = commissions.get(seller, 0), sum(line.total for line in own)
        right: dict[str, int | None] = {
            "item_total": total,
            "seller_discount": total - sum(line.base for line in own),
            "commission": commission,
            "commission_tax": None,
        }
        taken = 0
        tax = taxes.get(seller)
        if tax is not None:
            rate = Fraction(tax["rate"])
            right["commission_tax"] = _rounded(commission * rate / (100 + rate if tax["inclusive"] else 100))
            taken = 0 if tax["inclusive"] else right["commission_tax"] or 0
            if (minor(tax["base"]), minor(tax["amount"])) != (commission, right["commission_tax"]):
                found.append(f"commission_tax of {seller}: {tax['base']} and {tax['amount']} should be of {right}")
        right["payout"] = sum(line.base for line in own) - commission - taken
        wanted[seller] = right
    reported = {
        each["seller_id"]: {
            name: minor(each[name]) if name in each else None
            for name in ("item_total", "seller_discount", "commission", "commission_tax", "payout")
        }
        for each in quoted.quote["payouts"]
    }
    if list(reported) != list(wanted):
        return [*found, f"payouts: sellers {list(reported)} should be {list(wanted)}"]
    return [
        *found,
        *(
            f"payout of {name}: {reported[name]} should be {wanted[name]}"
            for name in reported
            if reported[name] != wanted[name]
        ),
    ]


def _rounded(amount: Fraction) -> int:
    """Half away from zero; amounts are not below 0."""
    return floor(amount + Fraction(1, 2))


def _shared(amount: int, weights: Iterable[int]) -> list[int]:
    """By largest remainder: each share rounded down, and one unit more to those that lost most, the first of equals first."""
    given = list(weights)
    if not sum(given):
        given = [1] * len(given)
    shares = [Fraction(amount * weight, sum(given)) for weight in given]
    parts = [floor(share) for share in shares]
    order = sorted(range(len(parts)), key=lambda place: (parts[place] - shares[place], place))
    for place in order[: amount - sum(parts)]:
        parts[place] += 1
    return parts

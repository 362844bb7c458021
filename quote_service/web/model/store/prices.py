"""A price of the store: with tax or without it, and beside a prior price only where the API announces a reduction.

Source: docs/spec/store.md#products-and-prices; docs/spec/price-reductions.md.
"""

from decimal import Decimal
from typing import Any, NamedTuple

from quote_service.platform.money.amounts import amount_text, round_half_away, tax_on
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import scale_decimal

_LABELS = {
    "flash_sale": "Flash sale",
    "user_tier_price": "Your price",
    "time_price": "For now",
    "inventory_price": "While there is plenty",
    "demand_price": "Quiet hour",
    "promotion": "Promotion",
}
_PLACES = 6


class StorePrice(NamedTuple):
    """What a product costs the visitor; `prior` is what a reduction is announced against, None where none is.

    `tax` says whether tax is in the amounts; empty where no tax is charged. `sale_prior` is what the price of a flash sale is
    announced against where a unit is bought in the sale itself, at its price and nothing besides.
    """

    product_id: str
    variant_id: str | None
    amount: str
    currency: str
    prior: str | None
    percent_off: int
    labels: list[str]
    tax: str
    sale_prior: str | None
    sale_percent_off: int

    @property
    def name(self) -> str:
        """The part of a page that shows it."""
        return part_name(self.product_id, self.variant_id)


class LinePrice(NamedTuple):
    """What a line of a quote or an order costs: a unit as it was priced, and all of it after discounts."""

    each: Any
    each_tax: str
    total: str
    total_tax: str


def part_name(product_id: str, variant_id: str | None) -> str:
    """The part of a page that shows the price of a product or variant."""
    return f"price-{product_id}" if variant_id is None else f"price-{product_id}-{variant_id}"


def store_price(shown: dict[str, Any], *, with_tax: bool) -> StorePrice:
    """A price of the API as the store shows it."""
    currency, tax = shown["currency"], shown["tax"]
    public = shown.get("public_price")
    reduction = shown.get("reduction") if public is not None else None
    amount = _with_or_without(shown["unit_price"] if public is None else public, tax, currency, with_tax=with_tax)
    kinds = [step["kind"] for step in shown["price_adjustments"] if Decimal(str(step["amount"])) < 0]
    prior, percent_off = None, 0
    if reduction is not None:
        before = _with_or_without(reduction["prior_price"], tax, currency, with_tax=with_tax)
        # Tax is rounded by itself: the two may come to be the same, and a percentage is never more than what the page shows.
        if Decimal(amount) < Decimal(before):
            prior, percent_off = before, min(reduction["percent_off"], _percent_off(before, amount))
            # The word alone announces a reduction: it stands where one may be announced, with its prior price.
            if reduction["cause"] == "promotion":
                kinds.append("promotion")
    return StorePrice(
        shown["product_id"],
        shown["variant_id"],
        amount,
        currency,
        prior,
        percent_off,
        [_LABELS[kind] for kind in dict.fromkeys(kinds) if kind in _LABELS],
        tax_words(tax, with_tax=with_tax),
        *_of_sale(reduction),
    )


def line_price(line: dict[str, Any], *, with_tax: bool) -> LinePrice:
    """What a line costs, by the tax that was worked out for it."""
    total = Decimal(str(line["line_total"])) - Decimal(str(line["discount_amount"]))
    tax, is_included = Decimal(str(line["tax_amount"])), bool(line.get("tax_included"))
    if tax and with_tax is not is_included:
        total += tax if with_tax else -tax
    return LinePrice(
        line["unit_price"],
        "" if not tax else ("tax included" if is_included else "before tax"),
        str(total),
        "" if not tax else ("with tax" if with_tax else "without tax"),
    )


def _of_sale(reduction: dict[str, Any] | None) -> tuple[str | None, int]:
    if reduction is None or reduction["cause"] != "flash_sale":
        return None, 0
    return str(reduction["prior_price"]), reduction["percent_off"]


def tax_words(tax: dict[str, Any] | None, *, with_tax: bool) -> str:
    """Whether a price that is shown contains tax."""
    if tax is None or not tax["percent"]:
        return ""
    return f"{'incl.' if with_tax else 'plus'} {tax['percent']}\N{NO-BREAK SPACE}% tax"


def _with_or_without(amount: Any, tax: dict[str, Any] | None, currency: str, *, with_tax: bool) -> str:
    """An amount, with its tax put on or taken out where the API has it otherwise."""
    if tax is None or tax["is_included"] is with_tax:
        return str(amount)
    exponent = EXPONENTS[currency]
    micro = scale_decimal(Decimal(str(amount)), _PLACES)
    minor = round_half_away(micro, 10 ** (_PLACES - exponent))
    tax_minor = tax_on(minor, scale_decimal(Decimal(str(tax["percent"])), _PLACES), tax["is_included"])
    return amount_text(minor + (tax_minor if with_tax else -tax_minor), exponent)


def _percent_off(prior: str, amount: str) -> int:
    before, now = Decimal(prior), Decimal(amount)
    return int((before - now) * 100 / before)

"""The figures of an answer and of the oracle's opinion, brought to one form so that they can be compared."""

from decimal import Decimal
from typing import Any

from tests.pricing.books import Written, minor
from tests.pricing.oracle import DIGITS, DIMENSION_FIELDS, DIMENSIONS, Opinion

Figures = dict[str, Any]


def figures_of_answer(data: Any) -> Figures:
    """Every amount of an answer in minor units, with what it belongs to; the digits are checked on the way."""
    digits = DIGITS[data["currency"]]
    commission, breakdown = data["commission_breakdown"], data["pricing_breakdown"]
    rule_names = {rule["id"]: rule["name"] for rule in data["applied_rules"]}

    def cents(holder: Any, *names: str) -> tuple[int, ...]:
        return tuple(minor(holder[name], digits) for name in names)

    shared = ("subtotal", "tax_amount", "delivery_fee", "small_basket_fee", "total_amount")
    assert cents(data, *shared) == cents(breakdown, *shared)
    assert data["currency"] == breakdown["currency"] == commission["currency"]
    return {
        "sums": dict(
            zip(
                ("item_total", *shared, "discount_amount", "platform_funded_discount"),
                (*cents(breakdown, "item_total"), *cents(data, *shared, "discount_amount", "platform_funded_discount")),
                strict=True,
            )
        ),
        "items": [
            (
                line["product_id"],
                line["seller_id"],
                int(line["quantity"]),
                Decimal(line["unit_price"]),
                *cents(line, "line_total", "discount_amount", "tax_amount"),
                line.get("tax_included", False),
            )
            for line in data["items"]
        ],
        "coupons": [(each["code"], each["reason"], *cents(each, "amount")) for each in data["coupons"]],
        "discounts": [
            (
                data["items"][int(each["line"]) - 1]["product_id"],
                rule_names[each["rule_id"]],
                *cents(each, "amount", "seller_funded", "platform_funded"),
            )
            for each in data.get("discount_details", ())
        ],
        "commission": cents(
            commission, "total_commission", "seller_commission", "category_commission", "logistics_commission"
        ),
        "details": [
            (
                each["product_id"],
                each["rate_id"],
                tuple(each["dimensions"]),
                each["commission_type"],
                each["scope"],
                each["region"],
                each["rate"] and Decimal(each["rate"]),
                each["clamped"],
                *cents(
                    each, "base_amount", "amount", "seller_commission", "category_commission", "logistics_commission"
                ),
            )
            for each in commission["details"]
        ],
        "payouts": [
            (
                each["seller_id"],
                *cents(each, "item_total", "seller_discount", "commission", "payout"),
                cents(each, "commission_tax")[0] if "commission_tax" in each else None,
            )
            for each in data["payouts"]
        ],
        "commission_taxes": [
            (
                each["seller_id"],
                rule_names[each["rule_id"]],
                Decimal(each["rate"]),
                each["inclusive"],
                *cents(each, "base", "amount"),
            )
            for each in commission.get("commission_tax", ())
        ],
        "calculations": [
            (each["step"], *cents(each, "amount"), rule_names.get(each.get("rule_id")), each.get("included", False))
            for each in breakdown["calculations"]
        ],
        "applied": [rule["name"] for rule in data["applied_rules"]],
        "flags": plain(data["feature_flags"]),
        "warnings": [each["code"] for each in data["warnings"]],
    }


def figures_of_opinion(opinion: Opinion) -> Figures:
    """The same of the oracle."""
    lines, details = opinion.lines, opinion.details
    sums = {name: sum(each["parts"][name] for each in details) for name in DIMENSIONS}
    return {
        "sums": {
            "item_total": opinion.item_total,
            "subtotal": opinion.subtotal,
            "tax_amount": opinion.exclusive_tax + opinion.inclusive_tax,
            "delivery_fee": opinion.delivery_fee,
            "small_basket_fee": opinion.small_basket_fee,
            "total_amount": opinion.total,
            "discount_amount": opinion.discount,
            "platform_funded_discount": opinion.platform_discount,
        },
        "items": [
            (
                line.item["product_id"],
                line.seller,
                line.item["quantity"],
                Decimal(line.item["unit_price"]),
                line.total,
                line.discount,
                line.tax,
                line.has_tax_included,
            )
            for line in lines
        ],
        "coupons": opinion.coupons,
        "discounts": opinion.discounts,
        "commission": (sum(sums.values()), *(sums[name] for name in DIMENSIONS)),
        "details": [
            (
                each["line"].item["product_id"],
                each["rate"]["id"],
                tuple(name for name in DIMENSIONS if each["rate"].get(DIMENSION_FIELDS[name]) is not None)
                or DIMENSIONS,
                each["rate"]["commission_type"],
                each["scope"],
                each["rate"].get("region"),
                None if each["rate"].get("rate") is None else Decimal(each["rate"]["rate"]),
                each["clamped"],
                each["base"],
                each["amount"],
                *(each["parts"][name] for name in DIMENSIONS),
            )
            for each in details
        ],
        "payouts": [
            tuple(
                each[name]
                for name in ("seller_id", "item_total", "seller_discount", "commission", "payout", "commission_tax")
            )
            for each in opinion.payouts
        ],
        "commission_taxes": opinion.commission_taxes,
        "calculations": opinion.calculations,
        "applied": opinion.applied,
        "flags": plain(opinion.flags),
        "warnings": opinion.warnings,
    }


def plain(value: Any) -> Any:
    """Numbers by the literal they are written in."""
    if isinstance(value, dict):
        return {name: plain(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    if isinstance(value, bool) or value is None or (isinstance(value, str) and not isinstance(value, Written)):
        return value
    return f"number {value}"

"""Orders that are refunded, written down with what each refund comes to: `golden/*.json`.

Amounts are as on the wire, names stand for ids, and a figure is named as the oracle names it, in words: `goods 1` are those of
line 1, `discount 1 spring platform` what the platform had paid of the discount `spring` on it, `payout ada` what becomes of the
payout of the seller `ada`.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from quote_service.platform.money.amounts import amount_text
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.selling.orders.model.order import CommissionTax, OrderFigures
from quote_service.selling.orders.model.refunds.draft import RefundDraft
from tests.orders.refunds.any_order import a_commission, a_discount, a_line, an_order
from tests.orders.refunds.fractions_oracle import Figures

FOLDER = Path(__file__).parent / "golden"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


class GoldenCase(NamedTuple):
    """An order, its refunds, and what each of these comes to by name of the figure."""

    order: OrderFigures
    drafts: list[RefundDraft]
    expected: list[dict[str, str]]


def read_case(name: str) -> GoldenCase:
    written = msgspec.json.decode((FOLDER / f"{name}.json").read_bytes())
    refunds = written["refunds"]
    drafts = [msgspec.convert(refund["request"], RefundDraft) for refund in refunds]
    return GoldenCase(read_order(written["order"]), drafts, [refund["figures"] for refund in refunds])


def id_of(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, name)


def read_order(written: dict[str, Any]) -> OrderFigures:
    exponent = EXPONENTS[written["currency"]]

    def minor(amount: str) -> int:
        scaled = Fraction(amount) * 10**exponent
        assert scaled.denominator == 1, amount
        return int(scaled)

    lines = tuple(
        a_line(
            line_id,
            seller_id=id_of(line["seller"]),
            quantity=line["quantity"],
            goods_minor=minor(line["goods"]),
            tax_minor=minor(line.get("tax", "0")),
            is_tax_included=line.get("tax_included", False),
            discounts=tuple(
                a_discount(id_of(rule), minor(parts["seller"]), minor(parts["platform"]))
                for rule, parts in line.get("discounts", {}).items()
            ),
            commissions=tuple(
                a_commission(
                    id_of(rate),
                    minor(parts.get("seller", "0")),
                    minor(parts.get("category", "0")),
                    minor(parts.get("logistics", "0")),
                    on_refund=parts.get("on_refund", "reverse"),
                )
                for rate, parts in line.get("commissions", {}).items()
            ),
        )
        for line_id, line in enumerate(written["lines"], 1)
    )
    taxes = {
        id_of(seller): CommissionTax(id_of("commission tax"), 0, tax["inclusive"], minor(tax["amount"]))
        for seller, tax in written.get("commission_taxes", {}).items()
    }
    fees = {f"{name}_minor": minor(amount) for name, amount in written.get("fees", {}).items()}
    return an_order(lines, taxes, currency=written["currency"], exponent=exponent, **fees)


def in_words(figures: Figures, names: dict[UUID, str], exponent: int) -> dict[str, str]:
    """Figures as they are written down."""

    def part(of: Any) -> str:
        return names[of] if isinstance(of, UUID) else str(of)

    return {
        " ".join(map(part, name)): amount_text(int(figure * 10**exponent), exponent) for name, figure in figures.items()
    }


def names_in(name: str) -> dict[UUID, str]:
    """The names that stand for ids in a case."""
    order = msgspec.json.decode((FOLDER / f"{name}.json").read_bytes())["order"]
    found = {line["seller"] for line in order["lines"]}
    for line in order["lines"]:
        found |= set(line.get("discounts", ())) | set(line.get("commissions", ()))
    return {id_of(each): each for each in found}

"""An accepted quote's figures, frozen.

Source: docs/spec/orders.md#frozen-figures.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from uuid import UUID

import msgspec

from quote_service.platform.money.amounts import read_scaled, split_by_weights
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.quotes.model.errors import QuoteEnded
from quote_service.quotes.model.included_taxes import TaxedLine, included_taxes
from quote_service.rulebook.pricing_rules.model.commission_tax_versions import CommissionTaxVersion
from quote_service.selling.orders.model.divide_details import divide_details
from quote_service.selling.orders.model.missing_taxes import missing_taxes
from quote_service.selling.orders.model.order import (
    CommissionTax,
    LineCommission,
    LineDiscount,
    OrderFigures,
    OrderLine,
    OrderSeller,
)
from quote_service.selling.orders.model.quoted import LINE_DISCOUNTS, QuotedDetail, QuotedItem, QuotedOrder

_PRICE_PLACES = 6
_RATE_PLACES = 6
_TRIES_MAX = 10_000
_EARLIER = "The quote was issued by an earlier release and can't be ordered; request a new one"


def freeze_quote(
    quoted: QuotedOrder,
    kept_rate_ids: AbstractSet[UUID] = frozenset(),
    tax_versions: Mapping[UUID, CommissionTaxVersion] = MappingProxyType({}),
) -> OrderFigures:
    """The figures of a quote in its whole form.

    Args:
        quoted: Issued here: it has been kept, or its signature holds.
        kept_rate_ids: Rates whose commission a refund does not give back.
        tax_versions: The rules of `quoted.missing_tax_ids`.

    Raises:
        QuoteEnded: An earlier release issued it, and what an order keeps cannot be worked out from it.
        ValueError: Its figures do not add up: a mistake of whoever priced it.
    """
    try:
        return _Freezing(quoted, tax_versions).freeze(kept_rate_ids)
    except ValueError:
        if quoted.lacks_details:
            raise QuoteEnded(_EARLIER) from None
        raise


class _Freezing:
    """One quote, with its amounts in minor units."""

    def __init__(self, quoted: QuotedOrder, tax_versions: Mapping[UUID, CommissionTaxVersion]) -> None:
        self._quoted = quoted
        self._tax_versions = tax_versions
        self._exponent = EXPONENTS[quoted.currency]
        breakdown = quoted.commission_breakdown
        messages = [] if breakdown is None else breakdown.details
        self._details = [(each.product_id, self.minor(each.base_amount), each.rate_id) for each in messages]

    def minor(self, amount: msgspec.Raw) -> int:
        # As issued, an amount has exactly its currency's digits: without the point it is in minor units.
        return int(bytes(amount).replace(b".", b""))

    def freeze(self, kept_rate_ids: AbstractSet[UUID]) -> OrderFigures:
        quoted, minor = self._quoted, self.minor
        if quoted.payouts is None:
            raise ValueError("a shopper's form says nothing of payouts")
        delivery_fee_minor, small_basket_fee_minor = minor(quoted.delivery_fee), minor(quoted.small_basket_fee)
        total_minor = minor(quoted.total_amount)
        exclusive_tax_minor = total_minor - minor(quoted.subtotal) - delivery_fee_minor - small_basket_fee_minor
        inclusive_tax_minor = minor(quoted.tax_amount) - exclusive_tax_minor
        lines = self._lines(kept_rate_ids)
        on_lines_minor = sum(line.exclusive_tax_minor for line in lines)
        in_lines_minor = sum(line.tax_minor for line in lines) - on_lines_minor
        figures = OrderFigures(
            currency=quoted.currency,
            exponent=self._exponent,
            item_total_minor=minor(quoted.pricing_breakdown.item_total),
            discount_minor=minor(quoted.discount_amount),
            exclusive_tax_minor=exclusive_tax_minor,
            inclusive_tax_minor=inclusive_tax_minor,
            delivery_fee_minor=delivery_fee_minor,
            small_basket_fee_minor=small_basket_fee_minor,
            fee_exclusive_tax_minor=exclusive_tax_minor - on_lines_minor,
            fee_inclusive_tax_minor=inclusive_tax_minor - in_lines_minor,
            total_minor=total_minor,
            sellers=self._sellers(lines),
            lines=lines,
        )
        _require_sums(figures)
        return figures

    def _lines(self, kept_rate_ids: AbstractSet[UUID]) -> tuple[OrderLine, ...]:
        discounts = self._discounts()
        commissions = self._commissions(discounts, kept_rate_ids)
        are_included = self._included_taxes()
        return tuple(
            self._line(
                line_id, item, tuple(discounts.get(line_id, ())), commissions[line_id - 1], are_included[line_id - 1]
            )
            for line_id, item in enumerate(self._quoted.items, 1)
        )

    def _included_taxes(self) -> list[bool]:
        quoted, minor = self._quoted, self.minor
        if not quoted.lacks_included_taxes:
            return [item.tax_included for item in quoted.items]
        lines = [
            TaxedLine(minor(item.line_total) - minor(item.discount_amount), minor(item.tax_amount))
            for item in quoted.items
        ]
        return included_taxes(lines, quoted.pricing_breakdown.calculations)

    def _line(
        self,
        line_id: int,
        item: QuotedItem,
        discounts: tuple[LineDiscount, ...],
        commissions: tuple[LineCommission, ...],
        is_tax_included: bool,
    ) -> OrderLine:
        discount_minor = self.minor(item.discount_amount)
        if sum(discount.amount_minor for discount in discounts) != discount_minor:
            raise QuoteEnded(_EARLIER)
        return OrderLine(
            line_id=line_id,
            product_id=item.product_id,
            variant_id=item.variant_id,
            seller_id=item.seller_id,
            quantity=item.quantity,
            unit_price_micro=read_scaled(bytes(item.unit_price), _PRICE_PLACES),
            total_minor=self.minor(item.line_total),
            discount_minor=discount_minor,
            seller_discount_minor=sum(discount.seller_minor for discount in discounts),
            tax_minor=self.minor(item.tax_amount),
            is_tax_included=is_tax_included,
            discounts=discounts,
            commissions=commissions,
        )

    def _discounts(self) -> dict[int, list[LineDiscount]]:
        minor = self.minor
        by_line: dict[int, list[LineDiscount]] = {}
        for each in self._quoted.discount_details:
            discount = LineDiscount(
                each.rule_id, minor(each.amount), minor(each.seller_funded), minor(each.platform_funded)
            )
            by_line.setdefault(each.line, []).append(discount)
        return by_line or self._discounts_by_sums()

    def _discounts_by_sums(self) -> dict[int, list[LineDiscount]]:
        """The same of a quote in the first form, which has for each rule what it took off and who paid, and for each line
        what all of them took off.

        One rule alone is split exactly as it was. Several share each side's part of a line in proportion: what each of them
        took off each line is not in the quote, but all sums that are come out: of lines, rules, sellers and commission.
        """
        minor = self.minor
        of_lines = [minor(item.discount_amount) for item in self._quoted.items]
        steps = [step for step in self._quoted.pricing_breakdown.calculations if step.step in LINE_DISCOUNTS]
        if any(step.rule_id is None or not bytes(step.inputs.platform_funded) for step in steps):
            raise QuoteEnded(_EARLIER)
        platform_left = self._platform_parts(of_lines, [minor(step.inputs.platform_funded) for step in steps])
        seller_left = [whole - part for whole, part in zip(of_lines, platform_left, strict=True)]
        by_line: dict[int, list[LineDiscount]] = {}
        for step in steps:
            assert step.rule_id is not None
            platform_minor = minor(step.inputs.platform_funded)
            platform_parts = _take(platform_minor, platform_left)
            seller_parts = _take(-minor(step.amount) - platform_minor, seller_left)
            for line_id, (seller_minor, part_minor) in enumerate(zip(seller_parts, platform_parts, strict=True), 1):
                if seller_minor + part_minor:
                    discount = LineDiscount(step.rule_id, seller_minor + part_minor, seller_minor, part_minor)
                    by_line.setdefault(line_id, []).append(discount)
        if any(platform_left) or any(seller_left):
            raise QuoteEnded(_EARLIER)
        return by_line

    def _platform_parts(self, of_lines: list[int], of_rules: list[int]) -> list[int]:
        """What the platform paid of each line's discount: commission is charged on the line less its seller's part, and of
        lines without commission the payout shows it of all of a seller together."""
        if len(of_rules) == 1:
            return split_by_weights(of_rules[0], of_lines)
        for parts in self._parts_by_commission(of_lines):
            found = self._with_payouts(of_lines, parts)
            if all(0 <= part <= whole for part, whole in zip(found, of_lines, strict=True)):
                return found
        raise QuoteEnded(_EARLIER)

    def _with_payouts(self, of_lines: list[int], known: tuple[int | None, ...]) -> list[int]:
        """The parts that are known, and what payouts leave for the others; out of bounds where they do not agree."""
        parts = [-1 if part is None else part for part in known]
        for payout in self._quoted.payouts or ():
            places = [place for place, item in enumerate(self._quoted.items) if item.seller_id == payout.seller_id]
            unknown = [place for place in places if known[place] is None]
            left_minor = sum(of_lines[place] - (known[place] or 0) for place in places)
            left_minor -= self.minor(payout.seller_discount)
            if left_minor and not unknown:
                return [-1] * len(of_lines)
            shares = split_by_weights(left_minor, [of_lines[place] for place in unknown])
            for place, share in zip(unknown, shares, strict=True):
                parts[place] = share
        return parts

    def _parts_by_commission(self, of_lines: list[int]) -> Iterator[tuple[int | None, ...]]:
        """The same of the lines that pay commission; None of the others. Details stand in the order of the lines, which are told
        by product and base alone: a product in several lines leaves a choice, and all choices are given in turn."""
        items, details = self._quoted.items, self._details
        last = {item.product_id: line for line, item in enumerate(items)}
        open_ends: list[tuple[int, tuple[int | None, ...]]] = [(0, ())]
        for _ in range(_TRIES_MAX):
            if not open_ends:
                return
            start, parts = open_ends.pop()
            line = len(parts)
            if line == len(items):
                if start == len(details):
                    yield parts
                continue
            item, whole = items[line], of_lines[line]
            is_met = start < len(details) and details[start][0] == item.product_id
            part = whole - (self.minor(item.line_total) - details[start][1]) if is_met else -1
            is_taken = 0 <= part <= whole
            if not is_taken or last[item.product_id] > line:
                open_ends.append((start, (*parts, None)))
            if is_taken:
                end, met = start, set[UUID]()
                while end < len(details) and details[end][:2] == details[start][:2] and details[end][2] not in met:
                    met.add(details[end][2])
                    end += 1
                open_ends.append((end, (*parts, part)))

    def _commissions(
        self, discounts: dict[int, list[LineDiscount]], kept_rate_ids: AbstractSet[UUID]
    ) -> list[tuple[LineCommission, ...]]:
        """The commissions of each line."""
        breakdown = self._quoted.commission_breakdown
        details = [] if breakdown is None else breakdown.details
        commissions = [self._commission(detail, kept_rate_ids) for detail in details]
        bases = [
            self.minor(item.line_total) - sum(each.seller_minor for each in discounts.get(line_id, ()))
            for line_id, item in enumerate(self._quoted.items, 1)
        ]
        payouts = {payout.seller_id: self.minor(payout.commission) for payout in self._quoted.payouts or ()}
        ends = divide_details(
            [(item.product_id, base_minor) for item, base_minor in zip(self._quoted.items, bases, strict=True)],
            [item.seller_id for item in self._quoted.items],
            [(detail.product_id, self.minor(detail.base_amount)) for detail in details],
            commissions,
            payouts,
        )
        return [tuple(commissions[start:end]) for start, end in zip([0, *ends], ends, strict=False)]

    def _commission(self, detail: QuotedDetail, kept_rate_ids: AbstractSet[UUID]) -> LineCommission:
        minor = self.minor
        return LineCommission(
            detail.rate_id,
            minor(detail.amount),
            minor(detail.seller_commission),
            minor(detail.category_commission),
            minor(detail.logistics_commission),
            "keep" if detail.rate_id in kept_rate_ids else "reverse",
        )

    def _sellers(self, lines: tuple[OrderLine, ...]) -> tuple[OrderSeller, ...]:
        quoted, minor = self._quoted, self.minor
        taxes = self._commission_taxes()
        sums = {payout.seller_id: _SellerSums() for payout in quoted.payouts or ()}
        for line in lines:
            sums[line.seller_id].add(line)
        return tuple(
            sums[payout.seller_id].seller(
                payout.seller_id,
                commission_tax=taxes.get(payout.seller_id),
                recorded_minor=(
                    minor(payout.item_total),
                    minor(payout.seller_discount),
                    minor(payout.commission),
                    minor(payout.payout),
                ),
            )
            for payout in quoted.payouts or ()
        )

    def _commission_taxes(self) -> dict[UUID, CommissionTax]:
        """The tax on each seller's commission."""
        quoted, minor = self._quoted, self.minor
        if not quoted.missing_tax_ids:
            breakdown = quoted.commission_breakdown
            return {
                each.seller_id: CommissionTax(
                    each.rule_id, read_scaled(bytes(each.rate), _RATE_PLACES), each.inclusive, minor(each.amount)
                )
                for each in (() if breakdown is None else breakdown.commission_tax)
            }
        charged: dict[UUID, tuple[int, int]] = {}
        for payout in quoted.payouts or ():
            commission_minor = minor(payout.commission)
            kept_minor = minor(payout.item_total) - minor(payout.seller_discount) - minor(payout.payout)
            charged[payout.seller_id] = (commission_minor, kept_minor - commission_minor)
        versions = [self._tax_versions[each] for each in sorted(quoted.missing_tax_ids) if each in self._tax_versions]
        return missing_taxes(charged, versions)


def _take(amount_minor: int, left: list[int]) -> list[int]:
    """An amount out of what is left of some others, in proportion, and taken out of it."""
    parts = split_by_weights(amount_minor, left)
    for place, part in enumerate(parts):
        left[place] -= part
    return parts


class _SellerSums:
    """What the lines of a seller come to."""

    __slots__ = ("commission_minor", "exclusive_tax_minor", "platform_minor", "seller_minor", "total_minor")

    def __init__(self) -> None:
        self.total_minor = self.seller_minor = self.platform_minor = 0
        self.exclusive_tax_minor = self.commission_minor = 0

    def add(self, line: OrderLine) -> None:
        self.total_minor += line.total_minor
        self.seller_minor += line.seller_discount_minor
        self.platform_minor += line.platform_discount_minor
        self.exclusive_tax_minor += line.exclusive_tax_minor
        self.commission_minor += line.commission_minor

    def seller(
        self, seller_id: UUID, *, commission_tax: CommissionTax | None, recorded_minor: tuple[int, int, int, int]
    ) -> OrderSeller:
        """The seller, whose figures are those that the quote told."""
        taken_minor = 0 if commission_tax is None or commission_tax.is_inclusive else commission_tax.amount_minor
        payout_minor = self.total_minor - self.seller_minor - self.commission_minor - taken_minor
        if recorded_minor != (self.total_minor, self.seller_minor, self.commission_minor, payout_minor):
            raise ValueError(f"what seller {seller_id} gets does not add up")
        return OrderSeller(
            seller_id=seller_id,
            item_total_minor=self.total_minor,
            seller_discount_minor=self.seller_minor,
            platform_discount_minor=self.platform_minor,
            exclusive_tax_minor=self.exclusive_tax_minor,
            commission_minor=self.commission_minor,
            commission_tax=commission_tax,
            payout_minor=payout_minor,
        )


def _require_sums(figures: OrderFigures) -> None:
    """Hold the laws that a refund rests on (`order.py`)."""
    if min(figures.fee_exclusive_tax_minor, figures.fee_inclusive_tax_minor) < 0:
        raise QuoteEnded(_EARLIER)  # it did not say which tax is contained in prices
    if (
        sum(seller.item_total_minor for seller in figures.sellers) != figures.item_total_minor
        or sum(line.discount_minor for line in figures.lines) != figures.discount_minor
    ):
        raise ValueError("the order does not add up")

"""What an accepted quote says of who was quoted, and of each of its lines.

The place, the tier and the categories stand in the request, which is kept as long as the customer is not erased and the quote
was not accepted by its signature alone. What an earlier release did not write, or wrote in another form, is not known: nothing
that was sold may keep what was sold after it from being counted.

Source: docs/spec/analytics.md#orders.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from quote_service.pricing.regions import region_name
from quote_service.quotes.model.included_taxes import TaxedLine, included_taxes
from quote_service.quotes.model.quoted_steps import QuotedStep
from quote_service.quotes.operations.count_quotes import FLAG_LENGTH_MAX
from quote_service.steering.analytics.model.sales.facts import LineFact, Shopper

# The keys of a flag's variants and what they give, by the flag.
Variants = Mapping[str, Sequence[tuple[str, object]]]


class _Address(msgspec.Struct, gc=False):
    city: str
    country: str


class _AskedItem(msgspec.Struct, gc=False):
    category_id: str | None = None


class _Asked(msgspec.Struct):
    delivery_address: _Address
    items: list[_AskedItem]
    customer_tier: str | None = None


class _Rule(msgspec.Struct, gc=False):
    id: UUID
    name: str


class _Item(msgspec.Struct, gc=False):
    product_id: UUID
    seller_id: UUID
    line_total: msgspec.Raw
    discount_amount: msgspec.Raw
    tax_amount: msgspec.Raw
    tax_included: bool = False


class _Charge(msgspec.Struct, gc=False):
    amount: msgspec.Raw
    clamped: str | None


class _Commission(msgspec.Struct):
    details: list[_Charge]


class _Pricing(msgspec.Struct):
    calculations: list[QuotedStep] = []


class _Quote(msgspec.Struct):
    items: list[_Item] = []
    applied_rules: list[_Rule] = []
    feature_flags: dict[str, msgspec.Raw] = {}
    commission_breakdown: _Commission | None = None
    pricing_breakdown: _Pricing | None = None


class Quoted:
    """An accepted quote, as far as it is counted."""

    def __init__(self, data: bytes, request: bytes | None, variants: Variants) -> None:
        """Read it.

        Args:
            data: The quote as issued, in its whole form or the shopper's.
            request: What it was asked for; None where that is not known any more.
            variants: Of flags; a quote says which value a flag gave.
        """
        quote = self._quote = _quote_in(data)
        asked = _asked_in(request)
        self._categories = [] if asked is None else [item.category_id or "" for item in asked.items]
        self.shopper = Shopper(
            region="" if asked is None else region_name(asked.delivery_address.country, asked.delivery_address.city),
            tier="" if asked is None else asked.customer_tier or "",
            flags=tuple(_flag(key, value, variants.get(key, ())) for key, value in quote.feature_flags.items()),
            rules=tuple(dict.fromkeys(rule.name for rule in quote.applied_rules)),
        )

    @property
    def rule_names(self) -> dict[UUID, str]:
        """Of the rules that acted, by the id of the version."""
        return {rule.id: rule.name for rule in self._quote.applied_rules}

    def category(self, line_id: int) -> str:
        """Of a line, by its number from 1."""
        return self._categories[line_id - 1] if line_id <= len(self._categories) else ""

    @property
    def clamped(self) -> list[bool]:
        """Of each commission on each line, in their order: whether a limit of its rate decided it."""
        breakdown = self._quote.commission_breakdown
        return [] if breakdown is None else [charge.clamped is not None for charge in breakdown.details]

    def lines(self) -> tuple[LineFact, ...]:
        """The lines as accepted: what the customer pays for each, without fees."""
        are_included = self._included_taxes()
        return tuple(
            LineFact(
                seller=str(item.seller_id),
                category=self.category(line_id),
                product=str(item.product_id),
                figures={"accepted": 1, "accepted_total_minor": _paid_minor(item, are_included[line_id - 1])},
                sellers={},
                rules={},
            )
            for line_id, item in enumerate(self._quote.items, 1)
        )

    def _included_taxes(self) -> list[bool]:
        """Of each line, whether its tax is contained in its price; as far as an earlier release has said it."""
        quote = self._quote
        are_included = [item.tax_included for item in quote.items]
        if any(are_included) or quote.pricing_breakdown is None:
            return are_included
        lines = [
            TaxedLine(_minor(item.line_total) - _minor(item.discount_amount), _minor(item.tax_amount))
            for item in quote.items
        ]
        try:
            return included_taxes(lines, quote.pricing_breakdown.calculations)
        except ValueError:
            return are_included


def _flag(key: str, value: msgspec.Raw, variants: Sequence[tuple[str, object]]) -> str:
    """The flag with the variant that it gave, or the value: `new_fee=b`, `new_fee=true`."""
    given = msgspec.json.decode(value)
    for variant, its_value in variants:
        if its_value == given:
            return f"{key}={variant}".replace("\0", "")[:FLAG_LENGTH_MAX]
    return f"{key}={bytes(value).decode()}"[:FLAG_LENGTH_MAX]


def _quote_in(data: bytes) -> _Quote:
    try:
        return _read_quote(data)
    except msgspec.MsgspecError:
        return _Quote()


def _asked_in(request: bytes | None) -> _Asked | None:
    try:
        return None if request is None else _read_request(request)
    except msgspec.MsgspecError:
        return None


def _paid_minor(item: _Item, is_tax_included: bool) -> int:
    tax_minor = 0 if is_tax_included else _minor(item.tax_amount)
    return _minor(item.line_total) - _minor(item.discount_amount) + tax_minor


def _minor(amount: msgspec.Raw) -> int:
    # As issued, an amount has exactly its currency's digits: without the point it is in minor units.
    return int(bytes(amount).replace(b".", b""))


_read_quote = msgspec.json.Decoder(_Quote).decode
_read_request = msgspec.json.Decoder(_Asked).decode

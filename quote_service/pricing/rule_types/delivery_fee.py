"""DELIVERY_FEE: what a delivery costs by distance and weight.

Source: docs/spec/pricing-rules.md#delivery_fee.
"""

from collections.abc import Iterator

import msgspec
from msgspec import UNSET

from quote_service.platform.money.numbers import ExactNumber, scale_decimal
from quote_service.platform.money.quantities import Amount, Factor
from quote_service.platform.system.errors import Fault
from quote_service.pricing.calculation_inputs import DeliveryInputs
from quote_service.pricing.explain.verdict import Verdict
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.rule_types.configuration import RuleConfiguration, ShortText
from quote_service.pricing.rule_types.rule_type import DeclaredRuleType, Missing
from quote_service.pricing.rule_types.scaled import PLACES, amount_literal, factor_literal, optional_scaled
from quote_service.pricing.rulebook.compiled_rule import CompiledRule

_ZERO = ExactNumber(0)


class DeliveryFee(RuleConfiguration, frozen=True, kw_only=True):
    """base_fee + per_km x km past free_km + per_kg x kg past free_kg, clamped to min_fee and max_fee."""

    base_fee: Amount
    """What every delivery costs before distance and weight, in the rule's currency."""
    per_km: Factor = _ZERO
    """Charge for each kilometre beyond `free_km`, in the rule's currency, with up to 6 decimals."""
    free_km: Factor = _ZERO
    """Kilometres from pickup to delivery that are not charged."""
    per_kg: Factor = _ZERO
    """Charge for each kilogram beyond `free_kg`, in the rule's currency, with up to 6 decimals."""
    free_kg: Factor = _ZERO
    """Kilograms of the basket that are not charged."""
    min_fee: Amount | None = None
    """The lowest fee, in the rule's currency; null for no lower limit."""
    max_fee: Amount | None = None
    """The highest fee, in the rule's currency; null for no upper limit. Must not be below `min_fee`."""
    provider: ShortText | None = None
    """The logistics provider that the fee is for; null for any provider."""


class DeliveryEffect(msgspec.Struct, frozen=True, gc=False):
    """Fees in minor units; per km and per kg in millionths of a major unit; free km and kg in millionths.

    `description` and `inputs` are what its calculation says of the rule itself.
    """

    base_minor: int
    per_km_micro: int
    free_km_micro: int
    per_kg_micro: int
    free_kg_micro: int
    min_minor: int | None
    max_minor: int | None
    provider: str | None
    description: str
    inputs: DeliveryInputs


def _compile(fee: DeliveryFee, exponent: int) -> DeliveryEffect:
    return DeliveryEffect(
        base_minor=scale_decimal(fee.base_fee, exponent),
        per_km_micro=scale_decimal(fee.per_km, PLACES),
        free_km_micro=scale_decimal(fee.free_km, PLACES),
        per_kg_micro=scale_decimal(fee.per_kg, PLACES),
        free_kg_micro=scale_decimal(fee.free_kg, PLACES),
        min_minor=optional_scaled(fee.min_fee, exponent),
        max_minor=optional_scaled(fee.max_fee, exponent),
        provider=fee.provider,
        description=_description(fee, exponent),
        inputs=_inputs(fee, exponent),
    )


def _description(fee: DeliveryFee, exponent: int) -> str:
    parts = [f"base {amount_literal(fee.base_fee, exponent)}"]
    if fee.per_km:
        parts.append(f"{factor_literal(fee.per_km)} a km")
    if fee.per_kg:
        parts.append(f"{factor_literal(fee.per_kg)} a kg")
    return " + ".join(parts)


def _inputs(fee: DeliveryFee, exponent: int) -> DeliveryInputs:
    return DeliveryInputs(
        base_fee=scale_decimal(fee.base_fee, exponent),
        per_km=scale_decimal(fee.per_km, PLACES) if fee.per_km else UNSET,
        free_km=scale_decimal(fee.free_km, PLACES) if fee.per_km else UNSET,
        per_kg=scale_decimal(fee.per_kg, PLACES) if fee.per_kg else UNSET,
        free_kg=scale_decimal(fee.free_kg, PLACES) if fee.per_kg else UNSET,
        min_fee=scale_decimal(fee.min_fee, exponent) if fee.min_fee is not None else UNSET,
        max_fee=scale_decimal(fee.max_fee, exponent) if fee.max_fee is not None else UNSET,
    )


def _faults(fee: DeliveryFee, exponent: int) -> Iterator[Fault]:
    if fee.min_fee is not None and fee.max_fee is not None and fee.max_fee < fee.min_fee:
        yield Fault("/configuration/max_fee", "must not be below min_fee")


def _explain(rule: CompiledRule, context: PricingContext) -> Verdict | None:
    express = context.chosen(context.rules_of("EXPRESS_FEE")) if context.is_express else None
    if express is None:
        return None
    return "replaced by the express fee", f"{express.name} is charged", express


RULE_TYPE = DeclaredRuleType(
    name="DELIVERY_FEE",
    choice="first",
    configuration=DeliveryFee,
    compile=_compile,
    faults=_faults,
    explain=_explain,
    missing=Missing("currency-without-delivery-rule", "delivery is not charged", "no_delivery_rule"),
)

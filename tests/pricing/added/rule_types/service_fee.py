"""SERVICE_FEE: a fee on top of the delivery fee, below a subtotal."""

from collections.abc import Iterator

import msgspec

from quote_service.platform.money.numbers import scale_decimal
from quote_service.platform.money.quantities import Amount
from quote_service.platform.system.errors import Fault
from quote_service.pricing.calculation_inputs import Amount as AmountInput
from quote_service.pricing.calculation_inputs import CalculationInputs, inputs_of
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.quote import Calculation
from quote_service.pricing.rule_types.configuration import RuleConfiguration
from quote_service.pricing.rule_types.rule_type import DeclaredRuleType
from quote_service.pricing.step import Step


class ServiceFee(RuleConfiguration, frozen=True, kw_only=True):
    """`fee` on top of the delivery fee, below `free_from`."""

    fee: Amount
    """The fee, in the rule's currency."""
    free_from: Amount
    """Subtotal from which there is no fee, in the rule's currency."""


class ServiceEffect(msgspec.Struct, frozen=True):
    fee_minor: int
    free_from_minor: int


@inputs_of("service")
class ServiceInputs(CalculationInputs, gc=False):
    free_from: AmountInput


def _compile(fee: ServiceFee, exponent: int) -> ServiceEffect:
    return ServiceEffect(scale_decimal(fee.fee, exponent), scale_decimal(fee.free_from, exponent))


def _faults(fee: ServiceFee, exponent: int) -> Iterator[Fault]:
    if fee.free_from < fee.fee:
        yield Fault("/configuration/free_from", "must not be below the fee")


def _charge(context: PricingContext) -> None:
    rule = context.chosen(context.rules_of("SERVICE_FEE"))
    if rule is None or context.subtotal_minor >= rule.effect.free_from_minor:
        return
    context.delivery_fee_minor += rule.effect.fee_minor
    context.apply(rule)
    inputs = ServiceInputs(rule.effect.free_from_minor)
    context.calculations.append(Calculation("service", "service fee", rule.effect.fee_minor, rule, inputs))


def _borders(effect: ServiceEffect) -> Iterator[tuple[str, int]]:
    yield "the end of the service fee", effect.free_from_minor


RULE_TYPE = DeclaredRuleType(
    name="SERVICE_FEE",
    choice="first",
    configuration=ServiceFee,
    compile=_compile,
    faults=_faults,
    step=Step(
        name="service_fee",
        run=_charge,
        before="tax",
        only_with="SERVICE_FEE",
        because="After discounts on delivery, which do not lower it; before tax, which is on all of the delivery fee.",
    ),
    nothing="the subtotal is past its end",
    borders=_borders,
    may_be_silent=True,
)

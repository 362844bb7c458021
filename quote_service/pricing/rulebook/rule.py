"""A pricing rule: a typed configuration, scoped by region, currency, period and conditions, in versions of one name.

Source: spec 4.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from quote_service.domain.currencies import EXPONENTS
from quote_service.domain.errors import Fault
from quote_service.domain.exact_documents import convert_exact
from quote_service.domain.quantities import holds_amounts, quantity_faults
from quote_service.domain.rules.conditions import Conditions, condition_faults
from quote_service.domain.rules.configurations import (
    Configuration,
    Coupon,
    DeliveryFee,
    ExpressFee,
    FreeDelivery,
    Promotion,
    SmallBasketFee,
    Tax,
)
from quote_service.domain.rules.discount_faults import discount_faults, holds_amount_value
from quote_service.domain.scoping import Priority, scoping_faults

RuleType = Literal["DELIVERY_FEE", "EXPRESS_FEE", "SMALL_BASKET_FEE", "FREE_DELIVERY", "TAX", "PROMOTION", "COUPON"]

CONFIGURATIONS: dict[RuleType, type[Configuration]] = {
    "DELIVERY_FEE": DeliveryFee,
    "EXPRESS_FEE": ExpressFee,
    "SMALL_BASKET_FEE": SmallBasketFee,
    "FREE_DELIVERY": FreeDelivery,
    "TAX": Tax,
    "PROMOTION": Promotion,
    "COUPON": Coupon,
}


class RuleDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A pricing rule as it is sent and stored; `configuration` is read into its type's struct by `read_configuration`."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    type: RuleType
    configuration: dict[str, Any]
    currency: str | None = None
    region: str | None = None
    priority: Priority = 0
    conditions: Conditions | None = None
    effective_from: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    effective_to: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    is_active: bool = True


def normalised_configuration(configuration: dict[str, Any]) -> dict[str, Any]:
    """A configuration with an object under `value` (buy_x_get_y, tiered_percent) spread beside its `kind`."""
    value = configuration.get("value")
    if isinstance(value, dict):
        return {**{name: entry for name, entry in configuration.items() if name != "value"}, **value}
    return configuration


def read_configuration(draft: RuleDraft) -> Configuration:
    """A rule's configuration as the struct of its type.

    Raises:
        msgspec.ValidationError: It does not fit; the message ends with the path within the configuration.
    """
    return convert_exact(normalised_configuration(draft.configuration), CONFIGURATIONS[draft.type])


def rule_faults(draft: RuleDraft, configuration: Configuration) -> Iterator[Fault]:
    """Everything about a well-formed rule that spec 4 refuses; pointers are relative to the rule.

    Args:
        draft: The rule.
        configuration: Its configuration, already read into the struct of its type.
    """
    if not draft.name.strip():
        yield Fault("/name", "must not be blank")
    yield from scoping_faults(draft.region, draft.currency, draft.effective_from, draft.effective_to)
    exponent = EXPONENTS.get(draft.currency or "", 6)
    yield from quantity_faults(configuration, "/configuration", exponent)
    holds_money = holds_amounts(configuration)
    if isinstance(configuration, Promotion):
        yield from discount_faults(configuration, exponent)
        holds_money = holds_money or holds_amount_value(configuration)
    if isinstance(configuration, Coupon) and not configuration.code.strip():
        yield Fault("/configuration/code", "must not be blank: codes compare trimmed")
    if isinstance(configuration, DeliveryFee) and configuration.min_fee is not None:
        if configuration.max_fee is not None and configuration.max_fee < configuration.min_fee:
            yield Fault("/configuration/max_fee", "must not be below min_fee")
    if draft.conditions is not None:
        yield from (Fault("/conditions" + fault.pointer, fault.detail) for fault in condition_faults(draft.conditions))
        yield from quantity_faults(draft.conditions, "/conditions", exponent)
        holds_money = holds_money or holds_amounts(draft.conditions)
    if holds_money and draft.currency is None:
        yield Fault("/currency", "a rule with amounts must name its currency")

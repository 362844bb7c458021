"""A pricing rule: a typed configuration, scoped by region, currency, period and conditions, in versions of one name.

Source: docs/spec/pricing-rules.md.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import msgspec

from quote_service.platform.documents.exact_documents import convert_exact
from quote_service.platform.documents.renamed import renamed_fields
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.quantities import holds_amounts, quantity_faults
from quote_service.platform.system.errors import Fault
from quote_service.pricing.conditions.conditions import Conditions, condition_faults
from quote_service.pricing.rule_types.configuration import RuleConfiguration
from quote_service.pricing.rule_types.registry import CONFIGURATIONS, RULE_TYPES, RuleType
from quote_service.pricing.scoping import Priority, scoping_faults

# What it holds is told by the rule's type.
TypedByRule = Annotated[dict[str, Any], msgspec.Meta(extra={"typed_by": ("type", CONFIGURATIONS)})]


class RuleDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A pricing rule as it is sent and stored; `configuration` is read into its type's struct by `read_configuration`."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    """What the versions of one rule share, unique among rules."""
    type: RuleType
    """What the rule does; it decides which `configuration` the rule has."""
    configuration: TypedByRule
    """What the rule charges or takes off, by `type`."""
    currency: str | None = None
    """ISO 4217 code of the currency that the rule's amounts are in; the rule then counts for quotes in that currency
    only. Required when `configuration` or `conditions` hold amounts; null for every currency.
    """
    region: str | None = None
    """Where the rule counts, compared with the delivery address: a path such as `TR`, `TR/Istanbul` or
    `TR/Istanbul/Kadıköy`, or the name of a city or district; null for everywhere.
    """
    priority: Priority = 0
    """Which rule comes first among those of one type; higher numbers win."""
    conditions: Conditions | None = None
    """What else has to hold for the rule to count; null for nothing."""
    effective_from: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    """First instant at which the version counts; null for the time of the request."""
    effective_to: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    """Instant from which the version no longer counts; null for no end. Must be after `effective_from`."""
    is_active: bool = True
    """Whether the version counts at all."""


def normalised_configuration(configuration: dict[str, Any]) -> dict[str, Any]:
    """A configuration with an object under `value` (buy_x_get_y, tiered_percent) spread beside its `kind`."""
    value = configuration.get("value")
    if isinstance(value, dict):
        return {**{name: entry for name, entry in configuration.items() if name != "value"}, **value}
    return configuration


def read_configuration(draft: RuleDraft) -> RuleConfiguration:
    """A rule's configuration as the struct of its type.

    Raises:
        msgspec.ValidationError: It does not fit; the message ends with the path within the configuration.
    """
    return convert_exact(normalised_configuration(draft.configuration), CONFIGURATIONS[draft.type])


def rule_faults(draft: RuleDraft, configuration: RuleConfiguration) -> Iterator[Fault]:
    """Everything about a well-formed rule that is refused; pointers are relative to the rule.

    Args:
        draft: The rule.
        configuration: Its configuration, already read into the struct of its type.
    """
    if not draft.name.strip():
        yield Fault("/name", "must not be blank")
    yield from scoping_faults(draft.region, draft.currency, draft.effective_from, draft.effective_to)
    exponent = EXPONENTS.get(draft.currency or "", 6)
    yield from quantity_faults(configuration, "/configuration", exponent)
    yield from RULE_TYPES[draft.type].faults(configuration, exponent)
    if draft.conditions is not None:
        yield from (Fault("/conditions" + fault.pointer, fault.detail) for fault in condition_faults(draft.conditions))
        yield from quantity_faults(draft.conditions, "/conditions", exponent)
        yield from _foreign_conditions(draft.type, draft.conditions)
    if draft.currency is None and _holds_money(draft, configuration):
        yield Fault("/currency", "is required for a rule with amounts")


def _foreign_conditions(kind: str, conditions: Conditions) -> Iterator[Fault]:
    own = RULE_TYPES[kind].conditions
    for name in Conditions.__struct_fields__:
        if name not in own and getattr(conditions, name) is not None:
            yield Fault(
                f"/conditions/{renamed_fields(Conditions).get(name, name)}", f"is not a condition of {kind} rules"
            )


def rule_in_currency(draft: RuleDraft, configuration: RuleConfiguration, default: str | None) -> RuleDraft:
    """The rule with its currency: a default stands in where it has amounts and names none."""
    if default is None or draft.currency is not None or not _holds_money(draft, configuration):
        return draft
    return msgspec.structs.replace(draft, currency=default)


def _holds_money(draft: RuleDraft, configuration: RuleConfiguration) -> bool:
    if RULE_TYPES[draft.type].holds_money(configuration):
        return True
    return draft.conditions is not None and holds_amounts(draft.conditions)

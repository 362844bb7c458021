"""The types of pricing rules, by the name that they have on the wire: every module of this folder that has a `RULE_TYPE`.

A module is enough: nothing lists the types by hand.
"""

from typing import TYPE_CHECKING, Literal

from quote_service.pricing import rule_types
from quote_service.pricing.declared import declared_in
from quote_service.pricing.rule_types.configuration import RuleConfiguration
from quote_service.pricing.rule_types.rule_type import DeclaredRuleType

RULE_TYPES: dict[str, DeclaredRuleType] = {
    declared.name: declared for declared in declared_in(rule_types, "RULE_TYPE", DeclaredRuleType)
}
CONFIGURATIONS: dict[str, type[RuleConfiguration]] = {
    name: declared.configuration for name, declared in RULE_TYPES.items()
}

if TYPE_CHECKING:
    RuleType = str
else:
    RuleType = Literal[tuple(RULE_TYPES)]

"""A version of a COMMISSION_TAX rule, as far as a tax that it charged can be worked out again.

Source: docs/spec/pricing-rules.md#commission_tax.
"""

from typing import Self
from uuid import UUID

import msgspec

from quote_service.platform.documents.exact_documents import convert_exact
from quote_service.platform.money.numbers import scale_decimal
from quote_service.pricing.conditions.line_tests import LINE_CONDITIONS
from quote_service.pricing.rule_types.commission_tax import CommissionTax
from quote_service.pricing.rule_types.scaled import PLACES
from quote_service.rulebook.pricing_rules.model.rule_records import RuleRecord


class CommissionTaxVersion(msgspec.Struct, frozen=True):
    """`rate_micro` is in millionths of a percent. Where it is `of_all`, it taxes every seller of a quote in which it acts."""

    id: UUID
    rate_micro: int
    is_inclusive: bool
    is_of_all: bool

    @classmethod
    def of(cls, rule: RuleRecord) -> Self:
        """Out of a rule of that type."""
        tax = convert_exact(rule.configuration, CommissionTax)
        conditions = rule.conditions
        is_of_some = rule.region is not None or any(
            getattr(conditions, name, None) is not None for name in LINE_CONDITIONS
        )
        return cls(rule.id, scale_decimal(tax.rate, PLACES), tax.inclusive, not is_of_some)

"""Makes a stored rule ready: its configuration by its type, its conditions as tests, its instants as numbers.

Source: docs/spec/pricing-rules.md#types.
"""

from typing import Any

from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import scale_decimal
from quote_service.platform.system.instants import FOREVER, to_micros
from quote_service.pricing.catalog.category_tree import CategoryTree
from quote_service.pricing.conditions.conditions import Conditions
from quote_service.pricing.conditions.line_tests import compile_line_test
from quote_service.pricing.conditions.shopper_tests import compile_shopper_test
from quote_service.pricing.conditions.time_windows import compile_time_window
from quote_service.pricing.rule_types.registry import RULE_TYPES
from quote_service.pricing.rulebook.compiled_rule import CompiledRule
from quote_service.pricing.rulebook.stored import StoredRule

_NO_TREE = CategoryTree({})


def compile_rule(stored: StoredRule, configuration: Any, tree: CategoryTree = _NO_TREE) -> CompiledRule:
    """Compile a rule that `rule_faults` found nothing wrong with.

    Args:
        stored: The version.
        configuration: Its configuration as the struct of its type.
        tree: The categories of the catalog.
    """
    draft = stored.draft
    declared = RULE_TYPES[draft.type]
    exponent = EXPONENTS[draft.currency] if draft.currency else 6
    effect = declared.compile(configuration, exponent)
    conditions = draft.conditions or Conditions()
    below = tree.with_those_below(map(str, conditions.category_ids or ())) if conditions.includes_children else None
    line_test, shopper_test = compile_line_test(conditions, below), compile_shopper_test(conditions)
    bounds = (_bound(conditions.min_subtotal, exponent), _bound(conditions.max_subtotal, exponent))
    starts_us = to_micros(draft.effective_from) if draft.effective_from else stored.created_at_us
    ends_us = to_micros(draft.effective_to) if draft.effective_to else FOREVER
    window = compile_time_window(conditions)
    return CompiledRule(
        id=stored.id,
        name=draft.name,
        version=stored.version,
        type=draft.type,
        region=draft.region,
        region_key=stored.region_key,
        currency=draft.currency,
        priority=draft.priority,
        effective_from_us=starts_us,
        effective_to_us=ends_us,
        effect=effect,
        choice=declared.choice,
        code=declared.code(effect),
        is_for_express=declared.is_for_express,
        line_test=line_test,
        shopper_test=shopper_test,
        min_subtotal_minor=bounds[0],
        max_subtotal_minor=bounds[1],
        window=window,
        is_unconditional=line_test is None and shopper_test is None and bounds == (None, None),
        flag=conditions.flag,
        goes_by_the_clock=window is not None or ends_us < FOREVER or starts_us > stored.created_at_us,
        categories_below=below,
        adjusts_price=declared.adjusts_price is not None,
        is_by_seller=declared.is_by_seller,
    )


def _bound(amount: Any, exponent: int) -> int | None:
    return None if amount is None else scale_decimal(amount, exponent)

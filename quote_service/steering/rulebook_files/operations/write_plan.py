"""Write what a plan says about rules, flags and rates, by the operations that write each of them by itself.

Source: docs/spec/rulebook-files.md#import; docs/spec/change-sets.md#publishing.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.platform.system.errors import Fault, Invalid, NameTaken, RateOverlaps, faults_of_rows
from quote_service.platform.system.instants import from_micros, to_micros
from quote_service.platform.system.new_ids import new_id
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.pricing.commission.rate import RateDraft
from quote_service.rulebook.commission_rates.model.rate_records import RateRecord, RateRow
from quote_service.rulebook.commission_rates.operations.end_rate import end_rates
from quote_service.rulebook.commission_rates.operations.import_rates import ids_for, import_rates
from quote_service.rulebook.feature_flags.operations.archive_flag import archive_flag
from quote_service.rulebook.feature_flags.operations.create_flag import create_flag
from quote_service.rulebook.feature_flags.operations.replace_flag import replace_flag
from quote_service.rulebook.pricing_rules.model.rule_records import identity_faults, started
from quote_service.rulebook.pricing_rules.operations.deactivate_rule import deactivate_rule
from quote_service.rulebook.pricing_rules.operations.list_active_rules import newest_version
from quote_service.rulebook.pricing_rules.operations.write_rule_version import write_version
from quote_service.steering.rulebook_files.model.plan import Plan, Step, rows_of


async def write_plan(change: Change, plan: Plan) -> list[UUID]:
    """Do every step of a plan, within the caller's transaction.

    Args:
        change: Its author.
        plan: What is to be done.

    Returns:
        The ids of the rates that steps with a draft wrote, in their order.

    Raises:
        Invalid: Something cannot be written; pointers begin with those of the steps.
    """
    await _write_rules(change, plan)
    await _write_flags(change, plan)
    return await _write_rates(change, plan)


async def _write_rules(change: Change, plan: Plan) -> None:
    for step in rows_of(plan.rules, "remove"):
        await deactivate_rule(change, _held(step).id, UNCONDITIONAL)
    for step in plan.rules:
        if step.draft is None:
            continue
        draft = started(step.draft, change.at)
        before = await newest_version(change.connection, draft.name)
        if before is not None:
            _refuse_at(step.pointer, identity_faults(before, draft))
        version = 1 if before is None else before.version + 1
        action = "rule.create" if before is None else "rule.replace"
        await write_version(change, action, UUID(new_id()), version, draft, before)


async def _write_flags(change: Change, plan: Plan) -> None:
    for step in plan.flags:
        try:
            if step.verb == "remove":
                await archive_flag(change, _held(step).id, UNCONDITIONAL)
            elif step.verb == "create" and step.draft is not None:
                await create_flag(change, step.draft)
            elif step.verb == "change" and step.draft is not None:
                await replace_flag(change, _held(step).id, step.draft, UNCONDITIONAL)
        except NameTaken as taken:
            raise Invalid.at(f"{step.pointer}/key", taken.detail) from None
        except Invalid as refused:
            _refuse_at(step.pointer, refused.faults)


async def _write_rates(change: Change, plan: Plan) -> list[UUID]:
    await end_rates(change, [_held(step).id for step in rows_of(plan.rates, "remove")])
    steps = [step for step in plan.rates if step.draft is not None]
    rows = [_rate_row(step, change.at_us) for step in steps]
    if not rows:
        return []
    ids = ids_for(rows, change)
    try:
        await import_rates(change, rows, ids)
    except (Invalid, RateOverlaps) as refused:
        raise Invalid.because(faults_of_rows(refused.faults, [step.pointer for step in steps])) from None
    return ids


def _rate_row(step: Step[RateRecord, RateDraft], at_us: int) -> RateRow:
    assert step.draft is not None
    fields = {name: getattr(step.draft, name) for name in RateDraft.__struct_fields__}
    start = step.held.effective_from if step.held is not None else None
    if fields["effective_from"] is None and start is not None and to_micros(start) > at_us:
        fields["effective_from"] = from_micros(at_us)  # it was to begin later
    return RateRow(**fields, id=None if step.held is None else step.held.id)


def _held(step: Step[Any, Any]) -> Any:
    assert step.held is not None  # it is what is removed or replaced
    return step.held


def _refuse_at(pointer: str, faults: Collection[Fault]) -> None:
    if faults:
        raise Invalid.because(tuple(Fault(pointer + fault.pointer, fault.detail) for fault in faults))

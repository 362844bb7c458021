"""The plans that a change set comes to: one that publishes it, and one that restores what was before.

Plans are those of rulebook files, so that both write through the same operations. Prices are no part of them.

Source: docs/spec/change-sets.md#publishing; docs/spec/change-sets.md#rolling-back.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.platform.system.instants import to_micros
from quote_service.pricing.commission.rate import RateDraft
from quote_service.pricing.flags.flag import FlagDraft
from quote_service.pricing.rulebook.rule import RuleDraft, read_configuration, rule_faults
from quote_service.rulebook.commission_rates.model.rate_records import RateRecord, started
from quote_service.rulebook.feature_flags.model.flag_records import FlagRecord
from quote_service.rulebook.pricing_rules.model.rule_records import RuleRecord, draft_of
from quote_service.rulebook.pricing_rules.model.rule_records import started as rule_started
from quote_service.shop.catalog.model.price_changes import PriceChangeDraft
from quote_service.steering.change_sets.model.contents import (
    Contents,
    FlagChange,
    Key,
    PriceEntry,
    RateChange,
    RuleChange,
)
from quote_service.steering.change_sets.model.targets import Target
from quote_service.steering.rulebook_files.model.plan import Draft, Held, Plan, Record, Step, flag_draft, make_plan
from quote_service.steering.rulebook_files.model.rulebook_file import RulebookFile


class PriceMove(NamedTuple):
    """A price to be moved, and the change that says so."""

    pointer: str
    product_id: UUID
    draft: PriceChangeDraft


def publishing_plan(contents: Contents, targets: Mapping[Key, Target], at: datetime) -> Plan:
    """What publishes the rules, flags and rates of a set.

    Args:
        contents: The set's changes.
        targets: What each is about, in the state that the change was written for.
        at: The instant of the publication.

    Raises:
        Invalid: A rule would end before it begins.
    """
    rules: list[Step[RuleRecord, RuleDraft]] = []
    flags: list[Step[FlagRecord, FlagDraft]] = []
    rates: list[Step[RateRecord, RateDraft]] = []
    faults: list[Fault] = []
    for pointer, key, change in contents.entries():
        target, place = targets[key], f"{pointer}/draft"
        if isinstance(change, RuleChange):
            if change.draft is not None:
                faults += _period_faults(change.draft, at, place)
            rules += _rule_steps(change, target, place)
        elif isinstance(change, FlagChange):
            flags.append(_flag_step(change, target, place))
        elif isinstance(change, RateChange):
            rates.append(_rate_step(change, target, place))
    if faults:
        raise Invalid.because(tuple(faults))
    return Plan(rules, flags, rates, to_micros(at))


def restoring_plan(
    contents: Contents,
    targets: Mapping[Key, Target],
    active: tuple[list[RuleRecord], list[RuleRecord]],
    at: datetime,
    recreated: Collection[str] = (),
) -> Plan:
    """What restores the rules, flags and rates that a set changed.

    Args:
        contents: The changes to take back.
        targets: What each is about now.
        active: Of the rules that are to be restored, the versions that count now or will, and those that they hide.
        at: The instant of the rollback.
        again: Pointers of what rates were before, where that cannot come back as the same rate (`taken_rates`).
    """
    rules = [draft for change in contents.rules for draft in change.before]
    held = Held(active[0], [], [], active[1], to_micros(at))
    plan = make_plan(RulebookFile(rules=rules), held, prune=True)
    # The drafts of the plan are not in the set, whose changes are what is told of where one cannot be restored.
    places = {entry.key[1]: f"{entry.pointer}/before" for entry in contents.entries() if entry.key[0] == "rule"}
    steps = [step._replace(pointer=places[step.draft.name]) if step.draft is not None else step for step in plan.rules]
    steps += _left_behind(rules, active, steps)
    flags: list[Step[FlagRecord, FlagDraft]] = []
    rates: list[Step[RateRecord, RateDraft]] = []
    for pointer, key, change in contents.entries():
        if isinstance(change, FlagChange):
            flag = targets[key].flag
            if flag is not None and not flag.is_archived:  # an archived one never comes back
                flags.append(_restored(flag, change.before, pointer))
        elif isinstance(change, RateChange):
            rate = targets[key].rate
            assert rate is not None  # rates are never removed, and one that was created has its id since
            restored = _restored(rate, change.before, pointer)
            rates += _begun_again(restored, at) if restored.pointer in recreated else [restored]
    return Plan(steps, flags, rates, plan.at_us)


def taken_rates(contents: Contents, faults: Sequence[Fault]) -> set[str]:
    """Pointers of what rates were before and cannot be for all of their time: another rate had their scope since.

    Empty where anything else is wrong too.
    """
    places = {f"{entry.pointer}/before" for entry in contents.entries() if entry.key[0] == "rate"}
    taken = {fault.pointer for fault in faults}
    return taken if taken <= places else set()


def price_moves(contents: Contents) -> Iterator[PriceMove]:
    """What publishes the prices of a set."""
    for pointer, _, change in contents.entries():
        if isinstance(change, PriceEntry):
            yield _price_move(pointer, change, change.price)


def price_returns(contents: Contents) -> Iterator[PriceMove]:
    """What restores the prices that a set changed."""
    for pointer, _, change in contents.entries():
        if isinstance(change, PriceEntry) and change.before is not None:
            yield _price_move(pointer, change, change.before)


def _price_move(pointer: str, change: PriceEntry, price: ExactNumber) -> PriceMove:
    draft = PriceChangeDraft(price=price, currency=change.currency, variant_id=change.variant_id)
    return PriceMove(pointer, change.product_id, draft)


def _period_faults(draft: RuleDraft, at: datetime, place: str) -> Iterator[Fault]:
    begun = rule_started(draft, at)
    yield from (Fault(place + fault.pointer, fault.detail) for fault in rule_faults(begun, read_configuration(begun)))


def _rule_steps(change: RuleChange, target: Target, place: str) -> Iterator[Step[RuleRecord, RuleDraft]]:
    if change.action == "end":
        yield from (Step("remove", rule, None) for rule in target.rules)
    elif target.rules:
        yield Step("change", target.rules[-1], change.draft, place)
    else:
        yield Step("create", None, change.draft, place)


def _flag_step(change: FlagChange, target: Target, place: str) -> Step[FlagRecord, FlagDraft]:
    if target.flag is None:
        return Step("create", None, change.draft, place)
    draft = change.draft or msgspec.structs.replace(flag_draft(target.flag), is_enabled=False)
    return Step("change", target.flag, draft, place)


def _rate_step(change: RateChange, target: Target, place: str) -> Step[RateRecord, RateDraft]:
    if change.draft is None:
        return Step("remove", target.rate, None, place)
    if target.rate is None:
        return Step("create", None, change.draft, place)
    assert target.rate.effective_from is not None  # it was filled in when the rate was made
    return Step("change", target.rate, started(change.draft, target.rate.effective_from), place)


def _left_behind(
    before: Sequence[RuleDraft],
    active: tuple[list[RuleRecord], list[RuleRecord]],
    steps: Sequence[Step[RuleRecord, RuleDraft]],
) -> list[Step[RuleRecord, RuleDraft]]:
    """What switches off the versions that the set has written, and those written over them: hidden by what is restored, they would
    count again once that is switched off."""
    off = {step.held.id for step in steps if step.verb == "remove" and step.held is not None}
    return [
        Step("remove", rule, None)
        for rules in active
        for rule in rules
        if rule.id not in off and draft_of(rule) not in before
    ]


def _restored(held: Record, before: Draft | None, pointer: str) -> Step[Record, Draft]:
    return Step("remove" if before is None else "change", held, before, f"{pointer}/before")


def _begun_again(step: Step[RateRecord, RateDraft], at: datetime) -> Iterator[Step[RateRecord, RateDraft]]:
    """What has the content of then from now on as a new rate, and leaves the past to those that counted."""
    yield Step("remove", step.held, None, step.pointer)
    draft = step.draft
    assert draft is not None  # nothing is in the way of what only ends
    if draft.effective_to is None or draft.effective_to > at:
        begin = at if draft.effective_from is None else max(at, draft.effective_from)
        yield Step("create", None, msgspec.structs.replace(draft, effective_from=begin), step.pointer)

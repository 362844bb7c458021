"""What an import would do: row by row, worked out without a database.

Source: docs/spec/rulebook-files.md#identity; docs/spec/rulebook-files.md#import.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from quote_service.platform.documents.literals import json_literal
from quote_service.platform.system.instants import FOREVER, to_micros
from quote_service.pricing.commission.rate import RateDraft
from quote_service.pricing.flags.flag import FlagDraft
from quote_service.pricing.rulebook.rule import RuleDraft
from quote_service.rulebook.commission_rates.model.rate_records import RateRecord, content_of, scope_of
from quote_service.rulebook.feature_flags.model.flag_records import FlagRecord, is_written_so
from quote_service.rulebook.pricing_rules.model.rule_records import RuleRecord, draft_of, with_minimum_of
from quote_service.steering.rulebook_files.model.rulebook_file import RulebookFile, document_of
from quote_service.steering.rulebook_files.model.versions import from_now, still_effective

Verb = Literal["create", "change", "remove", "keep"]
Record = TypeVar("Record")
Draft = TypeVar("Draft")


class Held(NamedTuple):
    """What is in force: versions of rules that count now or later, flags that are not archived, rates that have not ended.

    `hidden` are active versions that others hide: they would count again, were those switched off. `at_us` is now.
    """

    rules: list[RuleRecord]
    flags: list[FlagRecord]
    rates: list[RateRecord]
    hidden: list[RuleRecord]
    at_us: int

    def file(self, sections: Iterable[str]) -> RulebookFile:
        """The same as a file."""
        every = RulebookFile(
            [from_now(draft_of(rule), self.at_us) for rule in self.rules],
            [flag_draft(flag) for flag in self.flags],
            [from_now(content_of(rate), self.at_us) for rate in self.rates],
        )
        return RulebookFile(**{name: getattr(every, name) for name in sections})


class Step(NamedTuple, Generic[Record, Draft]):
    """One thing to do; `keep` is something that the file does not have, and that stays unless it is to be removed."""

    verb: Verb
    held: Record | None
    draft: Draft | None
    pointer: str = ""


class Plan(NamedTuple):
    """All steps, those of one subject after the other; what is as it should be has none."""

    rules: list[Step[RuleRecord, RuleDraft]]
    flags: list[Step[FlagRecord, FlagDraft]]
    rates: list[Step[RateRecord, RateDraft]]
    at_us: int

    @property
    def steps(self) -> list[Step[Any, Any]]:
        return [*self.rules, *self.flags, *self.rates]

    @property
    def changes_something(self) -> bool:
        """Whether anything would be written."""
        return any(step.verb != "keep" for step in self.steps)


def make_plan(file: RulebookFile, held: Held, *, prune: bool) -> Plan:
    """What brings what is held to what a file says.

    Args:
        file: What is wanted.
        held: What there is.
        prune: Whether what the file does not have is removed.
    """
    missing: Verb = "remove" if prune else "keep"
    at_us = held.at_us
    return Plan(
        [] if file.rules is None else list(_rule_steps(file.rules, held, missing, is_former=file.is_former)),
        [] if file.flags is None else list(_flag_steps(file.flags, held.flags, missing)),
        [] if file.rates is None else list(_rate_steps(file.rates, held.rates, at_us, missing)),
        at_us,
    )


def flag_draft(flag: FlagRecord) -> FlagDraft:
    """What would have to be sent for the same flag."""
    return FlagDraft(**{name: getattr(flag, name) for name in FlagDraft.__struct_fields__})


def _rule_steps(
    wanted: list[RuleDraft], held: Held, missing: Verb, *, is_former: bool
) -> Iterator[Step[RuleRecord, RuleDraft]]:
    at_us = held.at_us
    drafts: dict[str, list[tuple[int, RuleDraft]]] = defaultdict(list)
    for index, draft in enumerate(wanted):
        drafts[draft.name].append((index, from_now(draft, at_us)))
    records, hidden = _by_name(held.rules), _by_name(held.hidden)
    for name in sorted({*drafts, *records}):
        if name in drafts or missing == "remove":
            given = drafts.get(name, [])
            if name in records or is_former:
                last = records[name][-1] if name in records else None
                given = [(index, with_minimum_of(draft, last)) for index, draft in given]
            versions = still_effective(given, at_us)
            yield from _version_steps(records.get(name, []), hidden.get(name, []), versions, at_us)
        else:
            yield from (Step(missing, record, None) for record in records[name])


def _by_name(rules: list[RuleRecord]) -> dict[str, list[RuleRecord]]:
    found: dict[str, list[RuleRecord]] = defaultdict(list)
    for record in sorted(rules, key=lambda each: each.version):
        found[record.name].append(record)
    return found


def _version_steps(
    held: list[RuleRecord], hidden: list[RuleRecord], wanted: list[tuple[int, RuleDraft]], at_us: int
) -> Iterator[Step[RuleRecord, RuleDraft]]:
    """Versions are added behind those that there are; one that would count beside them although the file has it not
    is switched off.
    """
    same = 0
    for record, (_, draft) in zip(held, wanted, strict=False):
        if from_now(draft_of(record), at_us) != draft:
            break
        same += 1
    added = [(None, draft) for _, draft in wanted[same:]]
    staying = sorted((*held, *hidden), key=lambda each: each.version)
    going: list[RuleRecord] = []
    # Each that is switched off may let others count that it hid.
    while True:
        versions: list[tuple[RuleRecord | None, RuleDraft]] = [(each, draft_of(each)) for each in staying]
        unwanted = [each for each, _ in still_effective([*versions, *added], at_us) if each and each not in held[:same]]
        if not unwanted:
            break
        going += unwanted
        staying = [each for each in staying if each not in unwanted]
    last = held[-1] if held else None
    # The version that is replaced is shown beside the first one that is added.
    for position, (index, draft) in enumerate(wanted[same:]):
        before = last if position == 0 else None
        yield Step("create" if last is None else "change", before, draft, f"/rules/{index}")
    yield from (Step("remove", record, None) for record in going)


def _flag_steps(
    wanted: list[FlagDraft], held: list[FlagRecord], missing: Verb
) -> Iterator[Step[FlagRecord, FlagDraft]]:
    records = {flag.key: flag for flag in held}
    drafts = {draft.key: (index, draft) for index, draft in enumerate(wanted)}
    for key in sorted({*records, *drafts}):
        record = records.get(key)
        if key not in drafts:
            yield Step(missing, record, None)
            continue
        index, draft = drafts[key]
        if record is None:
            yield Step("create", None, draft, f"/flags/{index}")
        elif not is_written_so(record, draft):
            yield Step("change", record, draft, f"/flags/{index}")


def _rate_steps(
    wanted: list[RateDraft], held: list[RateRecord], at_us: int, missing: Verb
) -> Iterator[Step[RateRecord, RateDraft]]:
    """Rates of one scope follow each other in time: equal ones are the same, the others are paired in that order."""
    drafts: dict[Hashable, list[tuple[int, RateDraft]]] = defaultdict(list)
    for index, draft in enumerate(wanted):
        ends = FOREVER if draft.effective_to is None else to_micros(draft.effective_to)
        if draft.is_active and ends > at_us:
            drafts[scope_of(draft)].append((index, from_now(draft, at_us)))
    records: dict[Hashable, list[RateRecord]] = defaultdict(list)
    for record in sorted(held, key=lambda each: (str(each.effective_from), str(each.id))):
        records[scope_of(record)].append(record)
    for scope in sorted({*drafts, *records}, key=str):
        there, asked = _different(records[scope], drafts[scope], at_us)
        for record, (index, draft) in zip(there, asked, strict=False):
            yield Step("change", record, draft, f"/rates/{index}")
        for index, draft in asked[len(there) :]:
            yield Step("create", None, draft, f"/rates/{index}")
        yield from (Step(missing, record, None) for record in there[len(asked) :])


def _different(
    held: list[RateRecord], wanted: list[tuple[int, RateDraft]], at_us: int
) -> tuple[list[RateRecord], list[tuple[int, RateDraft]]]:
    """Of both what the other side has not."""
    left, asked = list(held), []
    for index, draft in wanted:
        twin = next((record for record in left if from_now(content_of(record), at_us) == draft), None)
        if twin is None:
            asked.append((index, draft))
        else:
            left.remove(twin)
    return left, sorted(asked, key=lambda each: str(each[1].effective_from or ""))


def described(plan: Plan) -> Iterator[str]:
    """The plan for people: a line for each row, and one for each of its fields that changes."""
    for subject, steps in (("rule", plan.rules), ("flag", plan.flags), ("rate", plan.rates)):
        for step in steps:
            shown = step.draft if step.draft is not None else step.held
            assert shown is not None
            mark = {"create": "+", "change": "~", "remove": "-", "keep": "="}[step.verb]
            reported = " is not in the file" if step.verb == "keep" else ""
            yield f"{mark} {step.verb} {subject} {_name_of(shown)}{reported}"
            if step.held is not None and step.draft is not None:
                before = _plain(step.held, plan.at_us)
                yield from (f"    {line}" for line in _differences(before, document_of(step.draft)))


def _plain(held: RuleRecord | FlagRecord | RateRecord, at_us: int) -> dict[str, Any]:
    if isinstance(held, FlagRecord):
        return document_of(flag_draft(held))
    return document_of(
        from_now(draft_of(held), at_us) if isinstance(held, RuleRecord) else from_now(content_of(held), at_us)
    )


def _name_of(row: Any) -> str:
    if isinstance(row, RateDraft):
        covered = [
            f"{name}={value}"
            for name in ("seller_id", "category_id", "logistics_provider", "region", "currency")
            if (value := getattr(row, name)) is not None
        ]
        return f"{row.commission_type} {' '.join(covered) or 'of everything'} priority={row.priority}"
    return json_literal(row.key if isinstance(row, FlagDraft) else row.name)


def _differences(before: Any, after: Any, at: str = "") -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys((*before, *after)):
            yield from _differences(before.get(name, _ABSENT), after.get(name, _ABSENT), f"{at}.{name}" if at else name)
    elif before is _ABSENT or after is _ABSENT or json_literal(before) != json_literal(after):
        yield f"{at}: {_shown(before)} -> {_shown(after)}"


def _shown(value: Any) -> str:
    return "(default)" if value is _ABSENT else json_literal(value)


_ABSENT: Any = object()


def rows_of(steps: Sequence[Step[Record, Draft]], verb: Verb) -> list[Step[Record, Draft]]:
    """The steps of one kind."""
    return [step for step in steps if step.verb == verb]

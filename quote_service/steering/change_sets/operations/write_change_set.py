"""Draft a change set, write its next edition, and discard it.

What is changed is noted as it is at that moment, so that what others change of it afterwards is found before the set is
published. A change that stood in the edition before keeps what was noted then: an edit elsewhere resolves no conflict.

Source: docs/spec/change-sets.md#contents; docs/spec/change-sets.md#editions-and-reviews.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import msgspec

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.platform.system.preconditions import Precondition
from quote_service.rulebook.feature_flags.model.flag_records import identity_faults as flag_identity_faults
from quote_service.rulebook.pricing_rules.model.rule_records import identity_faults as rule_identity_faults
from quote_service.shop.catalog.model.prices import price_number
from quote_service.steering.change_sets.model.change_sets import OPEN, ChangeSet, require_status
from quote_service.steering.change_sets.model.contents import (
    SECTIONS,
    AnyChange,
    ChangeSetDraft,
    Contents,
    FlagChange,
    FlagEdit,
    Key,
    PriceEdit,
    PriceEntry,
    RateChange,
    RateEdit,
    RuleChange,
    RuleEdit,
    key_of,
)
from quote_service.steering.change_sets.model.targets import Target
from quote_service.steering.change_sets.operations.hold_change_set import hold_change_set, record_set_change
from quote_service.steering.change_sets.operations.read_targets import read_targets
from quote_service.steering.change_sets.tables.change_sets import (
    insert_change_set,
    read_change_set,
    write_edition,
    write_state,
)

Edit = RuleEdit | RateEdit | FlagEdit | PriceEdit


async def create_change_set(change: Change, set_id: UUID, draft: ChangeSetDraft) -> ChangeSet:
    """Make a change set, within the caller's transaction.

    Args:
        change: Its author.
        set_id: A new id.
        draft: Without faults of its own (`read_draft`).

    Raises:
        Invalid: A change is about what is not there, or is there already; with every such fault.
    """
    contents = await _noted(change.connection, draft, {})
    await insert_change_set(change.connection, change, set_id, draft.name, draft.note, contents)
    made = await read_change_set(change.connection, set_id)
    await record_set_change(change, "change_set.create", None, made)
    return made


async def replace_change_set(
    change: Change, set_id: UUID, draft: ChangeSetDraft, precondition: Precondition
) -> ChangeSet:
    """Write the next edition of a draft, within the caller's transaction; reviews of the edition before are void.

    Raises:
        NotFound: There is no such set.
        Stale: It has been changed since the caller saw it.
        ChangeSetStateForbids: It is no draft.
        Invalid: As `create_change_set`.
    """
    held = await hold_change_set(change.connection, set_id, precondition)
    require_status(held, *OPEN)
    known = {entry.key: entry.change for entry in held.contents.entries() if entry.key[0] != "new rate"}
    contents = await _noted(change.connection, draft, known)
    return await next_edition(change, held, draft.name, draft.note, contents, "change_set.replace")


async def next_edition(
    change: Change,
    held: ChangeSet,
    name: str,
    note: str | None,
    contents: Contents,
    action: str,
) -> ChangeSet:
    """Write what a held draft says from now on, with its audit row."""
    await write_edition(change.connection, change, held.id, name, note, contents)
    written = await read_change_set(change.connection, held.id)
    await record_set_change(change, action, held, written)
    return written


async def discard_change_set(change: Change, set_id: UUID, precondition: Precondition) -> ChangeSet:
    """Put a draft away for good, within the caller's transaction; one that was put away stays as it is.

    Raises:
        NotFound, Stale, ChangeSetStateForbids: As `replace_change_set`.
    """
    held = await hold_change_set(change.connection, set_id, precondition)
    if held.status == "discarded":
        return held
    require_status(held, *OPEN)
    await write_state(change.connection, change, msgspec.structs.replace(held, status="discarded", failure=None))
    written = await read_change_set(change.connection, set_id)
    await record_set_change(change, "change_set.discard", held.summary, written.summary)
    return written


async def _noted(connection: Connection, draft: ChangeSetDraft, known: Mapping[Key, AnyChange]) -> Contents:
    """The changes of a draft beside what is there now, or was when the change was first written."""
    places = {f"/{section}/{index}": edit for section in SECTIONS for index, edit in enumerate(getattr(draft, section))}
    keys = {pointer: key_of(edit, int(pointer.rpartition("/")[2])) for pointer, edit in places.items()}
    targets = await read_targets(connection, keys.values())
    faults: list[Fault] = []
    noted: dict[str, list[Any]] = {section: [] for section in SECTIONS}
    for pointer, edit in places.items():
        key = keys[pointer]
        before = known.get(key)
        if before is not None and getattr(before, "action", None) != getattr(edit, "action", None):
            before = None  # it is another change of the same object, and looks at what there is
        if before is None:
            faults += (Fault(pointer + fault.pointer, fault.detail) for fault in misfits(edit, targets[key]))
        noted[pointer.split("/")[1]].append(note_change(edit, targets[key], before))
    if faults:
        raise Invalid.because(tuple(faults))
    return Contents(**noted)


def note_change(edit: Edit, target: Target, known: AnyChange | None = None) -> AnyChange:
    """A change beside the state of its object: the one that is known of before, or the present one."""
    fields = {
        name: getattr(edit, name) for name in edit.__struct_fields__ if name not in ("seen", "before", "published")
    }
    seen = target.state if known is None else known.seen
    if isinstance(edit, RuleEdit):
        rules = known.before if isinstance(known, RuleChange) else target.rule_drafts
        return RuleChange(**fields, seen=seen, before=rules)
    if isinstance(edit, RateEdit):
        rate = known.before if isinstance(known, RateChange) else target.rate_draft
        return RateChange(**fields, seen=seen, before=rate)
    if isinstance(edit, FlagEdit):
        flag = known.before if isinstance(known, FlagChange) else target.flag_draft
        return FlagChange(**fields, seen=seen, before=flag)
    price = known.before if isinstance(known, PriceEntry) else target.price
    fields["price"] = price_number(fields["price"], edit.currency)
    return PriceEntry(**fields, seen=seen, before=price)


def misfits(edit: Edit, target: Target) -> Iterator[Fault]:
    """What of a change cannot be done with what there is; pointers are relative to the change."""
    if isinstance(edit, PriceEdit):
        if target.price is None:
            yield Fault("", "there is no such product or variant, or it has no price in this currency")
    elif isinstance(edit, RateEdit):
        if edit.action != "create" and target.rate is None:
            yield Fault("/rate_id", "there is no such commission rate")
    elif isinstance(edit, RuleEdit):
        yield from _rule_misfits(edit, target)
    else:
        yield from _flag_misfits(edit, target)


def _rule_misfits(edit: RuleEdit, target: Target) -> Iterator[Fault]:
    if edit.action == "create" and target.newest is not None:
        yield Fault("/draft/name", "a rule with this name already exists; replace it instead")
    elif edit.action == "replace" and target.newest is None:
        yield Fault("/draft/name", "there is no rule with this name; create it instead")
    elif edit.action == "end" and not target.rules:
        yield Fault("/name", "there is no active rule with this name")
    elif edit.draft is not None and target.rules:
        yield from (
            Fault("/draft" + each.pointer, each.detail) for each in rule_identity_faults(target.rules[-1], edit.draft)
        )


def _flag_misfits(edit: FlagEdit, target: Target) -> Iterator[Fault]:
    field = "/key" if edit.draft is None else "/draft/key"
    if edit.action == "create":
        if target.flag is not None:
            yield Fault(field, "a flag with this key already exists, or is archived")
    elif target.flag is None or target.flag.is_archived:
        yield Fault(field, "there is no flag with this key, or it is archived")
    elif edit.draft is not None:
        yield from (
            Fault("/draft" + each.pointer, each.detail) for each in flag_identity_faults(target.flag, edit.draft)
        )

"""A change set out of a document, with the faults of all its changes.

Source: docs/spec/change-sets.md#contents.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from quote_service.platform.documents.documents import FAULTS_MAX, read_value
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.quantities import FACTOR_PLACES, quantity_faults
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.pricing.commission.rate import rate_faults, rate_in_currency
from quote_service.pricing.flags.flag import flag_faults
from quote_service.rulebook.commission_rates.model.rate_records import period_faults
from quote_service.rulebook.pricing_rules.operations.read_rule import read_rule
from quote_service.steering.change_sets.model.contents import (
    SECTIONS,
    ChangeSetDraft,
    FlagEdit,
    PriceEdit,
    RateEdit,
    RuleEdit,
    key_of,
)

Edit = TypeVar("Edit", RuleEdit, RateEdit, FlagEdit)


def read_draft(document: Any, at: datetime, default_currency: str | None) -> ChangeSetDraft:
    """Read a JSON document as a change set.

    Args:
        document: What was sent.
        at: Now: what a rule's period is held against where it names no start.
        default_currency: Of rules and rates with amounts that name none; None refuses those.

    Raises:
        Invalid: With every fault.
    """
    faults: dict[str, Fault] = {}

    def note(found: Iterable[Fault], pointer: str = "") -> None:
        for fault in found:
            faults.setdefault(pointer + fault.pointer, Fault(pointer + fault.pointer, fault.detail))

    draft = None
    try:
        draft = read_value(document, ChangeSetDraft)
    except Invalid as refused:
        note(refused.faults)
    if draft is not None:
        draft = msgspec.structs.replace(
            draft,
            rules=[
                _read(
                    edit,
                    f"/rules/{index}",
                    note,
                    lambda each, place: _rule(each, document, place, at, default_currency),
                )
                for index, edit in enumerate(draft.rules)
            ],
            rates=[
                _read(edit, f"/rates/{index}", note, lambda each, place: _rate(each, place, default_currency))
                for index, edit in enumerate(draft.rates)
            ],
            flags=[_read(edit, f"/flags/{index}", note, _flag) for index, edit in enumerate(draft.flags)],
        )
        for index, price in enumerate(draft.prices):
            note(_price_faults(price), f"/prices/{index}")
        if not draft.name.strip():
            note([Fault("/name", "must not be blank")])
        note(_repeated(draft))
    if faults:
        raise Invalid.because(tuple(faults.values())[:FAULTS_MAX])
    assert draft is not None
    return draft


def _read(edit: Edit, pointer: str, note: Callable[..., None], read: Callable[[Edit, str], Edit]) -> Edit:
    found = list(_frame_faults(edit))
    if found:
        note(found, pointer)
        return edit
    if edit.draft is None:
        return edit
    try:
        return read(edit, f"{pointer}/draft")
    except Invalid as refused:
        note(refused.faults)
        return edit


def _frame_faults(edit: RuleEdit | RateEdit | FlagEdit) -> Iterable[Fault]:
    if (edit.draft is None) != (edit.action == "end"):
        yield Fault("/draft", "must be left out to end something" if edit.draft is not None else "is required")
    if isinstance(edit, RateEdit):
        if (edit.rate_id is None) != (edit.action == "create"):
            yield Fault("/rate_id", "must be left out to create a rate" if edit.rate_id is not None else "is required")
        return
    field, named = ("name", edit.name) if isinstance(edit, RuleEdit) else ("key", edit.key)
    if named is None and edit.action == "end":
        yield Fault(f"/{field}", "is required")
    elif named is not None and edit.draft is not None and named != getattr(edit.draft, field):
        yield Fault(f"/{field}", f"is not the {field} of the draft; leave it out")


def _rule(edit: RuleEdit, document: Any, pointer: str, at: datetime, default_currency: str | None) -> RuleEdit:
    assert edit.draft is not None
    _, section, index, _ = pointer.split("/")
    draft = read_rule(document[section][int(index)]["draft"], at, default_currency, pointer)
    # A start that nobody named is that of the publication.
    return msgspec.structs.replace(
        edit, draft=msgspec.structs.replace(draft, effective_from=edit.draft.effective_from), name=None
    )


def _rate(edit: RateEdit, pointer: str, default_currency: str | None) -> RateEdit:
    assert edit.draft is not None
    draft = rate_in_currency(edit.draft, default_currency)
    _refuse((*rate_faults(draft), *(period_faults(draft) if draft.effective_from else ())), pointer)
    return msgspec.structs.replace(edit, draft=draft)


def _flag(edit: FlagEdit, pointer: str) -> FlagEdit:
    assert edit.draft is not None
    _refuse(flag_faults(edit.draft), pointer)
    return msgspec.structs.replace(edit, key=None)


def _refuse(found: Iterable[Fault], pointer: str) -> None:
    if faults := tuple(Fault(pointer + fault.pointer, fault.detail) for fault in found):
        raise Invalid.because(faults)


def _price_faults(edit: PriceEdit) -> Iterable[Fault]:
    yield from quantity_faults(edit, "", FACTOR_PLACES)
    if edit.currency not in EXPONENTS:
        yield Fault("/currency", "is not an ISO 4217 currency code")


def _repeated(draft: ChangeSetDraft) -> Iterable[Fault]:
    first: dict[tuple[str, ...], str] = {}
    for section in SECTIONS:
        for index, edit in enumerate(getattr(draft, section)):
            pointer = f"/{section}/{index}"
            before = first.setdefault(key_of(edit, index), pointer)
            if before != pointer:
                yield Fault(pointer, f"changes the same as {before}; change it once")

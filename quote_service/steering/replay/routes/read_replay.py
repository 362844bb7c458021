"""A replay out of a request body.

The drafts are read as where they are written for good, each on its own, so that every fault is told with its pointer.

Source: docs/spec/replay.md#what-is-supposed; docs/spec/wire.md#unknown-fields.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import msgspec

from quote_service.platform.documents.documents import FAULTS_MAX, read_document, read_value
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.platform.system.instants import to_micros
from quote_service.pricing.commission.rate import RateDraft, rate_faults, rate_in_currency
from quote_service.pricing.flags.flag import FlagDraft, flag_faults
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.rulebook.feature_flags.operations.supposed_flags import supposed_flags
from quote_service.rulebook.pricing_rules.operations.read_rule import read_rule
from quote_service.steering.replay.model.documents import ReplayDraft
from quote_service.steering.replay.model.replays import ReplayOrder
from quote_service.steering.replay.model.supposed_change import (
    FLAGS_MAX,
    RATES_MAX,
    RULES_MAX,
    SupposedChange,
    price_faults,
)

Draft = TypeVar("Draft")
# What names no start counts from before any quote.
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class _Frame(ReplayDraft, frozen=True, forbid_unknown_fields=True, kw_only=True):
    draft_rules: Annotated[list[Any], msgspec.Meta(max_length=RULES_MAX)] = msgspec.field(default_factory=list)
    draft_rates: Annotated[list[Any], msgspec.Meta(max_length=RATES_MAX)] = msgspec.field(default_factory=list)
    draft_flags: Annotated[list[Any], msgspec.Meta(max_length=FLAGS_MAX)] = msgspec.field(default_factory=list)


def read_replay_order(body: bytes, held: Rulebook, now_us: int, default_currency: str | None) -> ReplayOrder:
    """Read a replay; drafts with amounts that name no currency are in the default one, if there is one.

    Args:
        body: The bytes that were sent.
        held: The rulebook of now, whose flags may be overridden.
        now_us: Now, until when quotes are replayed unless the body says otherwise.
        default_currency: Of drafts.

    Raises:
        Malformed: It is no JSON document.
        Invalid: With every fault.
    """
    frame = read_document(body, _Frame)
    faults: list[Fault] = []
    rules = _each(
        "/draft_rules",
        frame.draft_rules,
        lambda entry, pointer: read_rule(entry, _BEGINNING, default_currency, pointer),
        faults,
    )
    rates = _each(
        "/draft_rates", frame.draft_rates, lambda entry, pointer: _read_rate(entry, pointer, default_currency), faults
    )
    flags = _each("/draft_flags", frame.draft_flags, _read_flag, faults)
    try:
        flags += [flag.draft for flag in supposed_flags(held, frame.flag_overrides)]
    except Invalid as refused:
        faults += refused.faults
    faults += _repeated_flags(flags, len(frame.draft_flags))
    faults += _repeated("/ended_rules", frame.ended_rules)
    faults += _repeated("/ended_rates", frame.ended_rates)
    faults += _repeated("/ended_flags", frame.ended_flags, {flag.key for flag in flags})
    faults += price_faults(frame.price_changes)
    if faults:
        raise Invalid.because(tuple(faults[:FAULTS_MAX]))
    return ReplayOrder(
        from_us=to_micros(frame.from_),
        to_us=now_us if frame.to is None else to_micros(frame.to),
        sample=frame.sample,
        change=SupposedChange(
            draft_rules=rules,
            ended_rules=frame.ended_rules,
            draft_rates=rates,
            ended_rates=frame.ended_rates,
            draft_flags=flags,
            ended_flags=frame.ended_flags,
            price_changes=frame.price_changes,
        ),
    )


def _each(pointer: str, entries: list[Any], read: Callable[[Any, str], Draft], faults: list[Fault]) -> list[Draft]:
    drafts = []
    for index, entry in enumerate(entries):
        try:
            drafts.append(read(entry, f"{pointer}/{index}"))
        except Invalid as refused:
            faults += refused.faults
    return drafts


def _read_rate(entry: Any, pointer: str, default_currency: str | None) -> RateDraft:
    draft = rate_in_currency(read_value(entry, RateDraft, pointer), default_currency)
    _refuse(tuple(rate_faults(draft)), pointer)
    return draft


def _read_flag(entry: Any, pointer: str) -> FlagDraft:
    draft = read_value(entry, FlagDraft, pointer)
    _refuse(tuple(flag_faults(draft)), pointer)
    return draft


def _refuse(faults: tuple[Fault, ...], pointer: str) -> None:
    if faults:
        raise Invalid.because(tuple(Fault(pointer + fault.pointer, fault.detail) for fault in faults))


def _repeated(pointer: str, ended: Iterable[Hashable], given: Iterable[Hashable] = ()) -> Iterator[Fault]:
    seen, elsewhere = set[Hashable](), frozenset(given)
    for index, name in enumerate(ended):
        if name in seen or name in elsewhere:
            yield Fault(
                f"{pointer}/{index}", "is given already" if name in seen else "is what is assumed of a flag too"
            )
        seen.add(name)


def _repeated_flags(flags: list[FlagDraft], drafts: int) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, flag in enumerate(flags):
        if flag.key in seen:
            pointer = f"/draft_flags/{index}/key" if index < drafts else f"/flag_overrides/{flag.key}"
            yield Fault(pointer, "is the key of a flag that is given already")
        seen.add(flag.key)

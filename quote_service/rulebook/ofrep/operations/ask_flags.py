"""What flags say to the context of an OFREP request.

A shopper asks in the shopper's own name, by the tier and segments of the shopper's record, and hears of the flags that
quotes show: what moves a price is never what a shopper says.

Source: docs/spec/ofrep.md#shoppers; docs/spec/ofrep.md#context.
"""

from collections.abc import Iterator

import msgspec

from quote_service.platform.callers.access import Caller
from quote_service.platform.system.errors import Fault, Forbidden, Invalid
from quote_service.pricing.flags.compiled_flag import CompiledFlag
from quote_service.pricing.flags.decision import Decision, Subject
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.rulebook.ofrep.model.answers import OfrepEvaluation, OfrepFailure, OfrepMetadata
from quote_service.rulebook.ofrep.model.context import Asked, is_customer_id


class Question(msgspec.Struct, frozen=True):
    """Who is meant, and whether all flags are told of or only those that quotes show."""

    subject: Subject
    sees_all: bool


def read_question(asked: Asked, caller: Caller, rulebook: Rulebook) -> Question:
    """Whom a caller asks for.

    Raises:
        Forbidden: A shopper asks for somebody else.
        Invalid: A shopper says what is the shop's to say.
    """
    known, unit = asked.known, asked.unit
    if caller.is_customer:
        if unit not in (None, caller.id):
            raise Forbidden("You can only evaluate flags for your own customer id")
        faults = tuple(
            Fault(f"/context/{name}", "cannot be given by shoppers")
            for name in ("tier", "segments", "ab_test_group")
            if getattr(known, name) is not None
        )
        if faults:
            raise Invalid.because(faults)
        unit = caller.id
    tier, segments = known.tier, known.segments
    if unit is not None and is_customer_id(unit) and (tier is None or segments is None):
        # As in a quote: what is not said is known.
        recorded_tier, recorded_segments = rulebook.customers.find(unit) or (None, ())
        tier = recorded_tier if tier is None else tier
        segments = list(recorded_segments) if segments is None else segments
    subject = Subject(unit, tier, segments or [], asked.regions, known.ab_test_group, asked.attributes)
    return Question(subject, sees_all=not caller.is_customer)


def ask_flag(rulebook: Rulebook, key: str, question: Question, at_us: int) -> OfrepEvaluation | OfrepFailure:
    """What one flag says at an instant; a failure where there is none, or where it lacks what it hashes."""
    flag = rulebook.period_at(at_us).flags.get(key)
    if flag is None or not (question.sees_all or flag.expose_in_quote):
        return OfrepFailure(
            key=key, error_code="FLAG_NOT_FOUND", error_details="There is no feature flag with this key"
        )
    return _answer(flag, question.subject)


def ask_all_flags(rulebook: Rulebook, question: Question, at_us: int) -> Iterator[OfrepEvaluation | OfrepFailure]:
    """What every flag says at an instant, by key."""
    for flag in rulebook.period_at(at_us).flags.values():
        if question.sees_all or flag.expose_in_quote:
            yield _answer(flag, question.subject)


def _answer(flag: CompiledFlag, subject: Subject) -> OfrepEvaluation | OfrepFailure:
    decision = flag.evaluate(subject)
    if decision.lacks_unit:
        needed = "targetingKey" if flag.stickiness is None else f"attribute {flag.stickiness}"
        details = f"The flag needs the {needed} in the context"
        return OfrepFailure(key=flag.key, error_code="TARGETING_KEY_MISSING", error_details=details)
    # A value of null would be none to an SDK: the caller's own default says the same.
    has_value = decision.value not in (None, "null")
    return OfrepEvaluation(
        key=flag.key,
        value=msgspec.Raw((decision.value or "").encode()) if has_value else msgspec.UNSET,
        reason=decision.reason,
        variant=decision.variant or _unnamed_variant(flag.type, decision),
        metadata=OfrepMetadata(flag.version),
    )


def _unnamed_variant(kind: str, decision: Decision) -> str:
    # SDKs want one always.
    if kind in ("BOOLEAN", "PERCENTAGE"):
        return "on" if decision.value == "true" else "off"
    return "value" if decision.is_on else "default"

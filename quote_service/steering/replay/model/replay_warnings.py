"""What of a replay's suppositions changes nothing, or less than it seems to: it does no harm, and whoever asks should know.

Source: docs/spec/replay.md#what-is-not-there.
"""

from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from quote_service.platform.system.instants import instant_text, to_micros
from quote_service.pricing.commission.rate import RateDraft
from quote_service.pricing.rulebook.rule import RuleDraft

WarningCode = Literal["already_ended", "not_begun", "not_active"]


class ReplayWarning(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is supposed, and that changes nothing or less than it seems to."""

    code: WarningCode
    """`already_ended`, `not_begun` before the end of the replay, or `not_active`."""
    pointer: str
    """JSON Pointer (RFC 6901) to it in the request, or in the change set."""
    detail: str
    """What it does not change, in words."""


class ReplayTimes(NamedTuple):
    """The quotes of a replay were issued at the earliest at `issued_from`, and accepted before `to`; it is started at `now`."""

    issued_from: datetime
    to: datetime
    now: datetime


class Counted(NamedTuple):
    """From when until when something counted: `begins` is None where it never did, `ends` where it has no end."""

    begins: datetime | None
    ends: datetime | None


class PricedItem(NamedTuple):
    """A product or variant whose price is supposed: whether there is such a product, and such a variant of it, whether it is
    sold now, and whether it has or had a price in the currency."""

    is_product: bool
    is_item: bool
    is_sold: bool
    has_price: bool
    had_price: bool


def warn_of_end(pointer: str, counted: Counted, times: ReplayTimes) -> ReplayWarning | None:
    """What to say of a rule, rate or flag that is to be left out; None where it counts as it seems to."""
    begins, ends = counted
    if begins is None:
        return _warning("not_active", pointer, "has never counted, so leaving it out changes nothing")
    if begins >= times.to:
        return _warning(
            "not_begun",
            pointer,
            f"counts from {_text(begins)} on, after the quotes to replay, so leaving it out changes nothing",
        )
    if ends is None or ends > times.now:
        return None
    if ends <= times.issued_from:
        what = f"ended at {_text(ends)}, before the quotes to replay, so leaving it out changes nothing"
    else:
        what = f"ended at {_text(ends)} already, so leaving it out changes only quotes issued before that"
    return _warning("already_ended", pointer, what)


def warn_of_draft(pointer: str, draft: RuleDraft | RateDraft, times: ReplayTimes) -> ReplayWarning | None:
    """What to say of a draft; None where it counts for all quotes, or some."""
    if not draft.is_active:
        return _warning("not_active", f"{pointer}/is_active", "is false, so the draft changes nothing")
    if draft.effective_from is not None and draft.effective_from >= times.to:
        what = "lies behind the quotes to replay, so the draft changes nothing; leave it out to have the draft count for all"
        return _warning("not_begun", f"{pointer}/effective_from", what)
    if draft.effective_to is not None and draft.effective_to <= times.issued_from:
        what = "lies before the quotes to replay, so the draft changes nothing"
        return _warning("already_ended", f"{pointer}/effective_to", what)
    return None


def warn_of_price(pointer: str, item: PricedItem) -> ReplayWarning | None:
    """What to say of a price; None where the product is sold for one in the currency."""
    if not item.has_price:
        return _warning("already_ended", f"{pointer}/currency", "is one in which the product has no price any more")
    if not item.is_sold:
        return _warning("already_ended", pointer, "is the price of what is not sold any more")
    return None


def _warning(code: WarningCode, pointer: str, detail: str) -> ReplayWarning:
    return ReplayWarning(code=code, pointer=pointer, detail=detail)


def _text(instant: datetime) -> str:
    return instant_text(to_micros(instant))

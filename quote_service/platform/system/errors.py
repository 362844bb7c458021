"""What this service says no with, as one tree that knows no HTTP: its kinds, what any subject says, and what PostgreSQL does.

A subject's own refusals stand among its words.

    QuoteServiceError            never raised itself
    +-- Malformed                the bytes are not what they claim to be
    +-- Invalid                  well-formed, but not acceptable: one Fault per field
    +-- NotFound                 no such thing, or not for this caller
    +-- Conflict                 clashes with what is already there
    +-- Stale                    the caller's version is no longer the current one
    +-- Unauthorized, Forbidden  who is asking, and what they may do
    +-- TooLarge, TooMany        past a limit of size or of rate
    +-- Overloaded, TimedOut     no capacity, or no time, left
    +-- ClientGone               nobody waits for the answer any more
    +-- Unavailable              a dependency cannot be reached

A leaf carries a stable `code` (kebab case, part of the wire contract as the problem type) and a sentence made
from its fields. `platform/http/problems.py` alone turns kinds into status codes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, dataclass_transform

import msgspec

_CODES: dict[str, str] = {}
_ROW = re.compile(r"row /([0-9]+)", re.ASCII)


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong with one field.

    `pointer` is an RFC 6901 JSON Pointer into the document that was sent, "" for the whole of it.
    """

    pointer: str
    detail: str


def faults_of_rows(faults: Iterable[Fault], places: Sequence[str]) -> tuple[Fault, ...]:
    """Faults whose pointers begin with the number of a row, below the place that each row has in the document.

    Another row that a detail names as `row /3` is named by its place too.
    """
    split = ((fault.detail, fault.pointer.split("/", 2)) for fault in faults)
    return tuple(
        Fault("/".join([places[int(row)], *rest]), _ROW.sub(lambda named: places[int(named[1])], detail))
        for detail, (_, row, *rest) in split
    )


def _by_place(*, kw_only: bool) -> Any:
    """Of a field: what it is given by."""


@dataclass_transform(kw_only_default=True, field_specifiers=(_by_place,))
class _WithFields:
    """Has type checkers take the annotations of its subclasses for arguments by name."""


class QuoteServiceError(_WithFields, Exception):
    """The root; each leaf names its `code` and `title`, and a second leaf with the same code is refused at import.

    What else a leaf annotates are further members of its problem document (RFC 9457, 3.2), where they are given.
    """

    kind: ClassVar[str] = ""
    code: ClassVar[str] = ""
    title: ClassVar[str] = ""
    #: Whether a repeat may be answered otherwise, at once and by another process, though the kind says that it is final.
    is_passing: ClassVar[bool] = False

    detail: str = _by_place(kw_only=False)
    faults: tuple[Fault, ...] = ()
    retry_after_seconds: int | None = None
    #: Whether it was answered before under the same Idempotency-Key, and is answered again.
    is_replayed: bool = False

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "code" in cls.__dict__:
            owner = _CODES.setdefault(cls.code, cls.__qualname__)
            if owner != cls.__qualname__:
                raise TypeError(f"error code {cls.code!r} belongs to {owner}")

    def __init__(
        self, detail: str, *, faults: tuple[Fault, ...] = (), retry_after_seconds: int | None = None, **members: Any
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = faults
        self.retry_after_seconds = retry_after_seconds
        self.members = members
        vars(self).update(members)


class Malformed(QuoteServiceError):
    kind = "malformed"
    code = "malformed-json"
    title = "Malformed JSON"


class Invalid(QuoteServiceError):
    kind = "invalid"
    code = "validation-error"
    title = "Validation error"

    @classmethod
    def at(cls, pointer: str, detail: str) -> Invalid:
        """One fault at one place."""
        return cls.because((Fault(pointer, detail),))

    @classmethod
    def because(cls, faults: tuple[Fault, ...]) -> Invalid:
        """All the faults found, in the order of the document."""
        count = len(faults)
        return cls(f"{count} field{'' if count == 1 else 's'} cannot be accepted", faults=faults)


class NotFound(QuoteServiceError):
    kind = "not_found"
    code = "not-found"
    title = "Not found"


class Conflict(QuoteServiceError):
    kind = "conflict"
    code = "conflict"
    title = "Conflict"


class NameTaken(Conflict):
    code = "name-taken"
    title = "Name already taken"


class SkuTaken(Conflict):
    code = "sku-taken"
    title = "SKU already taken"


class StillUsed(Conflict):
    code = "still-used"
    title = "Still used"


class RateOverlaps(Conflict):
    """`rate_id` is the stored rate that stands in the way; None where several rows are named by `faults`."""

    code = "rate-overlaps"
    title = "Commission rate overlaps"
    rate_id: str | None = None


class SaleOverlaps(Conflict):
    code = "sale-overlaps"
    title = "Flash sale overlaps"


class CampaignOverlaps(Conflict):
    """`campaign_id` is the campaign that stands in the way; None where it was written at the same time."""

    code = "campaign-overlaps"
    title = "Campaign overlaps"
    campaign_id: str | None = None


class VersionConflict(Conflict):
    code = "version-conflict"
    title = "Version conflict"


class Stale(QuoteServiceError):
    kind = "stale"
    code = "precondition-failed"
    title = "Precondition failed"


class IdempotencyKeyMissing(QuoteServiceError):
    kind = "malformed"
    code = "idempotency-key-missing"
    title = "Idempotency-Key missing"


class IdempotencyKeyReused(QuoteServiceError):
    kind = "invalid"
    code = "idempotency-key-reused"
    title = "Idempotency-Key reused with another request"


class RequestStillRunning(Conflict):
    is_passing = True
    code = "request-still-running"
    title = "The first request with this key is still running"


class Unauthorized(QuoteServiceError):
    kind = "unauthorized"
    code = "unauthorized"
    title = "Unauthorized"


class AnswerSealed(Conflict):
    code = "answer-sealed"
    title = "First response no longer available"


class Forbidden(QuoteServiceError):
    kind = "forbidden"
    code = "forbidden"
    title = "Forbidden"


class TooLarge(QuoteServiceError):
    kind = "too_large"
    code = "body-too-large"
    title = "Body too large"


class UnsupportedMediaType(QuoteServiceError):
    kind = "unsupported_media_type"
    code = "unsupported-media-type"
    title = "Unsupported media type"


class TooMany(QuoteServiceError):
    kind = "too_many"
    code = "rate-limited"
    title = "Too many requests"


class RateLimited(TooMany):
    """`burst_requests` may come in any `window_seconds`; the next one in `wait_seconds`."""

    def __init__(self, burst_requests: int, window_seconds: int, wait_seconds: int) -> None:
        super().__init__("Your rate limit is used up", retry_after_seconds=wait_seconds)
        self.burst_requests = burst_requests
        self.window_seconds = window_seconds
        self.wait_seconds = wait_seconds


class Overloaded(QuoteServiceError):
    kind = "unavailable"
    code = "overloaded"
    title = "Overloaded"


class TimedOut(QuoteServiceError):
    kind = "timed_out"
    code = "timed-out"
    title = "Timed out"


class ClientGone(QuoteServiceError):
    kind = "client_gone"
    code = "client-closed-request"
    title = "Client closed the request"


class Unavailable(QuoteServiceError):
    kind = "unavailable"
    code = "dependency-unavailable"
    title = "Dependency unavailable"


class PositionInvalid(QuoteServiceError):
    kind = "malformed"
    code = "position-invalid"
    title = "Not a position"


class PositionNotReached(QuoteServiceError):
    """What was waited for is not held yet: it may be behind, or the position be of another database."""

    kind = "unavailable"
    code = "position-not-reached"
    title = "Position not reached"

"""Everything this service can say no with, as one tree that knows no HTTP.

    QuoteServiceError            never raised itself
    +-- Malformed                the bytes are not what they claim to be
    +-- Invalid                  well-formed, but not acceptable: one Fault per field
    +-- NotFound                 no such thing, or not for this caller
    +-- Conflict                 clashes with what is already there
    +-- Stale                    the caller's version is no longer the current one
    +-- Unauthorized, Forbidden  who is asking, and what they may do
    +-- TooLarge, TooMany        past a limit of size or of rate
    +-- Overloaded, TimedOut     no capacity, or no time, left
    +-- Unavailable              a dependency cannot be reached

A leaf carries a stable `code` (kebab case, part of the wire contract as the problem type) and a sentence made
from its fields. `http/problems.py` alone turns kinds into status codes.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

_CODES: dict[str, str] = {}


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong with one field.

    `pointer` is an RFC 6901 JSON Pointer into the document that was sent, "" for the whole of it.
    """

    pointer: str
    detail: str


class QuoteServiceError(Exception):
    """The root; each leaf names its `code` and `title`, and a second leaf with the same code is refused at import."""

    kind: ClassVar[str] = ""
    code: ClassVar[str] = ""
    title: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "code" in cls.__dict__:
            owner = _CODES.setdefault(cls.code, cls.__qualname__)
            if owner != cls.__qualname__:
                raise TypeError(f"error code {cls.code!r} belongs to {owner}")

    def __init__(self, detail: str, *, faults: tuple[Fault, ...] = (), retry_after_seconds: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = faults
        self.retry_after_seconds = retry_after_seconds

    def members(self) -> dict[str, object]:
        """Further members of the problem document (RFC 9457, 3.2); none unless a leaf has typed fields."""
        return {}


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


class UnknownProduct(Invalid):
    code = "unknown-product"
    title = "Unknown product"


class NotFound(QuoteServiceError):
    kind = "not_found"
    code = "not-found"
    title = "Not found"


class QuoteUnknown(NotFound):
    code = "quote-unknown"
    title = "Quote unknown"


class QuoteExpired(NotFound):
    code = "quote-expired"
    title = "Quote expired"


class Conflict(QuoteServiceError):
    kind = "conflict"
    code = "conflict"
    title = "Conflict"


class QuoteEnded(QuoteExpired):
    """An expired quote that was to be accepted: the same problem, but a clash and not a missing thing."""

    kind = "conflict"


class QuoteDiffers(Conflict):
    code = "quote-differs"
    title = "Quote differs from the issued one"


class CouponExhausted(Conflict):
    """`coupon_code` is the code that has no use left."""

    code = "coupon-exhausted"
    title = "Coupon exhausted"

    def __init__(self, detail: str, *, coupon_code: str = "") -> None:
        super().__init__(detail)
        self.coupon_code = coupon_code

    def members(self) -> dict[str, object]:
        return {"coupon_code": self.coupon_code}


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

    def __init__(self, detail: str, *, rate_id: str | None = None, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(detail, faults=faults)
        self.rate_id = rate_id

    def members(self) -> dict[str, object]:
        return {} if self.rate_id is None else {"rate_id": self.rate_id}


class FlagArchived(Conflict):
    code = "flag-archived"
    title = "Flag archived"


class SaleOverlaps(Conflict):
    code = "sale-overlaps"
    title = "Flash sale overlaps"


class SaleStateForbids(Conflict):
    code = "sale-state"
    title = "Flash sale state does not allow this"


class CampaignOverlaps(Conflict):
    """`campaign_id` is the campaign that stands in the way; None where it was written at the same time."""

    code = "campaign-overlaps"
    title = "Campaign overlaps"

    def __init__(self, detail: str, *, campaign_id: str | None = None) -> None:
        super().__init__(detail)
        self.campaign_id = campaign_id

    def members(self) -> dict[str, object]:
        return {} if self.campaign_id is None else {"campaign_id": self.campaign_id}


class CampaignStateForbids(Conflict):
    code = "campaign-state"
    title = "Campaign state does not allow this"


class StockBelowSold(Conflict):
    """`sold` is how many units are held or sold already: no allocation can be lower."""

    code = "stock-below-sold"
    title = "Stock below units sold"

    def __init__(self, detail: str, *, sold: int) -> None:
        super().__init__(detail)
        self.sold = sold

    def members(self) -> dict[str, object]:
        return {"sold": self.sold}


class PurchaseDecided(Conflict):
    """`status` is what has become of the purchase."""

    code = "purchase-decided"
    title = "Purchase already decided"

    def __init__(self, detail: str, *, status: str) -> None:
        super().__init__(detail)
        self.status = status

    def members(self) -> dict[str, object]:
        # Not `status`: that member of a problem document is the HTTP status.
        return {"purchase_status": self.status}


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
    code = "request-still-running"
    title = "The first request with this key is still running"


class Unauthorized(QuoteServiceError):
    kind = "unauthorized"
    code = "unauthorized"
    title = "Unauthorized"


class SecondFactorRequired(Unauthorized):
    """`challenge` is what the code is to be sent with."""

    code = "second-factor-required"
    title = "Second factor required"

    def __init__(self, detail: str, *, challenge: str = "") -> None:
        super().__init__(detail)
        self.challenge = challenge

    def members(self) -> dict[str, object]:
        return {"challenge": self.challenge}


class CredentialsAmbiguous(QuoteServiceError):
    kind = "malformed"
    code = "credentials-ambiguous"
    title = "More than one credential"


class LastAdmin(Conflict):
    code = "last-admin"
    title = "Last admin"


class AnswerSealed(Conflict):
    code = "answer-sealed"
    title = "First response no longer available"


class Forbidden(QuoteServiceError):
    kind = "forbidden"
    code = "forbidden"
    title = "Forbidden"


class SecondFactorMissing(Forbidden):
    """`challenge` lets a page of ours set the second factor up; it is not part of the answer."""

    code = "second-factor-missing"
    title = "Second factor missing"

    def __init__(self, detail: str, *, challenge: str = "") -> None:
        super().__init__(detail)
        self.challenge = challenge


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


class Unavailable(QuoteServiceError):
    kind = "unavailable"
    code = "dependency-unavailable"
    title = "Dependency unavailable"


class StockUnreachable(Unavailable):
    """`is_unknown`: what was asked may have been done all the same."""

    code = "stock-unreachable"
    title = "Stock unreachable"

    def __init__(self, *, is_unknown: bool) -> None:
        super().__init__("The stock cannot be reached", retry_after_seconds=1)
        self.is_unknown = is_unknown

"""Change sets as they are kept and shown.

Source: docs/spec/change-sets.md.
"""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from quote_service.platform.documents.renamed import Renamed
from quote_service.steering.change_sets.model.contents import (
    AnyChange,
    Contents,
    FlagChange,
    Note,
    PriceEntry,
    RateChange,
    RuleChange,
)
from quote_service.steering.change_sets.model.errors import ChangeSetStateForbids

Status = Literal["draft", "scheduled", "failed", "published", "rolled_back", "discarded"]
Decision = Literal["approve", "request_changes"]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class ReviewDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What somebody says about an edition of a change set."""

    decision: Decision
    """`approve` it, or `request_changes`, which keeps the edition from being published."""
    edition: Annotated[int, msgspec.Meta(ge=1)]
    """The edition that was reviewed; the request fails with 409 if there is a newer one."""
    note: Note | None = None
    """Why, in words."""


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody said about an edition."""

    edition: int
    """The edition that was reviewed."""
    reviewer: Annotated[str, Renamed("reviewed_by")]
    """Id of who reviewed it."""
    decision: Decision
    """`approve` or `request_changes`; the reviewer's last word on this edition."""
    note: str | None
    """Why, in words."""
    reviewed_at: datetime
    """When it was said."""


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why a set was not published at its instant."""

    code: str
    """Code of the problem, such as `change-set-conflicts`."""
    detail: str
    """What was wrong."""
    errors: list[dict[str, str]] = []
    """The changes at fault, each with `pointer` and `detail`."""


class ChangeSetSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A change set without its changes."""

    id: UUID
    """Identifies the set."""
    name: str
    """Name of the set, for people."""
    note: str | None
    """What the set is for."""
    status: Status
    """`draft` until it is published; `scheduled` for an instant; `failed` where it could not be published then, which makes it
    a draft again; `published`; `rolled_back`; or `discarded`.
    """
    edition: int
    """Number of the contents, from 1; it goes up when they change, and reviews are of one edition."""
    authors: list[str]
    """Ids of everybody who wrote one of the editions; none of them can approve the set."""
    publish_at: datetime | None
    """When the set is to be published; null for no such time."""
    published_by: str | None
    """Id of who published or scheduled it."""
    published_at: datetime | None
    """When it was published."""
    failure: Failure | None
    """Why it was not published at `publish_at`; null unless `status` is `failed`."""
    rolled_back_by: str | None
    """Id of who rolled it back."""
    rolled_back_at: datetime | None
    """When it was rolled back."""
    version: int
    """Version of the set, from 1; it goes up with every change, and `ETag` follows it."""
    created_by: str
    """Id of who created the set."""
    created_at: datetime
    """When the set was created."""
    changed_by: Annotated[str, Renamed("updated_by")]
    """Id of who made this version."""
    changed_at: Annotated[datetime, Renamed("updated_at")]
    """When this version was made."""
    reviews: list[Review]
    """What was said about its editions, newest edition first."""


class ChangeSet(ChangeSetSummary, frozen=True, kw_only=True):
    """A change set with its changes."""

    rules: list[RuleChange]
    """Pricing rules that it changes."""
    rates: list[RateChange]
    """Commission rates that it changes."""
    flags: list[FlagChange]
    """Feature flags that it changes."""
    prices: list[PriceEntry]
    """Prices that it changes."""

    @property
    def contents(self) -> Contents:
        """What it changes."""
        return Contents(rules=self.rules, rates=self.rates, flags=self.flags, prices=self.prices)

    @property
    def summary(self) -> ChangeSetSummary:
        """Without the changes."""
        return ChangeSetSummary(**{name: getattr(self, name) for name in ChangeSetSummary.__struct_fields__})


class ChangeConflict(msgspec.Struct, frozen=True, kw_only=True):
    """A change whose object is no longer as it was when the change was written, or when the set was published."""

    pointer: str
    """JSON Pointer (RFC 6901) to the change in the set."""
    detail: str
    """What is different, in words."""
    state: Annotated[str, Renamed("etag")]
    """Tag of the object as it is now; send it back to say that you have seen it."""
    before: Any
    """The object as it was expected; null where there was to be none."""
    now: Any
    """The object as it is; null where there is none."""


class ChangeSetDetail(ChangeSet, frozen=True, kw_only=True):
    """A change set beside what is in force now."""

    conflicts: list[ChangeConflict]
    """What was changed since: of a draft since its changes were written, of a published set since it was published."""


class Resolution(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How one conflict of a draft is to be resolved."""

    pointer: str
    """The change, as the conflict names it."""
    keep: Literal["draft", "current"]
    """`draft` keeps the change, which then replaces what is in force now; `current` takes it out of the set."""
    state: Annotated[str, Renamed("etag")]
    """The conflict's `etag`: what you decided about."""


class Resolutions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How conflicts of a draft are to be resolved."""

    resolutions: Annotated[list[Resolution], msgspec.Meta(min_length=1, max_length=2000)]
    """One entry for each conflict to resolve."""


class RollbackResolution(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is to become of an object that was changed after the set was published."""

    pointer: str
    """The change, as the conflict names it."""
    keep: Literal["before", "current"]
    """`before` restores what was in force before the set, `current` leaves the object as it is now."""
    state: Annotated[str, Renamed("etag")]
    """The conflict's `etag`: what you decided about."""


class Rollback(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a published set is rolled back."""

    resolutions: Annotated[list[RollbackResolution], msgspec.Meta(max_length=2000)] = []
    """One entry for each conflict; without conflicts leave it out."""


class Publication(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When a set is to be published."""

    publish_at: Instant | None = None
    """The instant, which must be in the future; null for now."""


#: What may still be written, reviewed and published.
OPEN: tuple[Status, ...] = ("draft", "failed")


def require_status(held: ChangeSetSummary, *wanted: Status) -> None:
    """Refuse what a set's status does not allow.

    Raises:
        ChangeSetStateForbids: It has another status.
    """
    if held.status in wanted:
        return
    hint = "; cancel its publication first" if held.status == "scheduled" else ""
    raise ChangeSetStateForbids(f"The change set is {held.status.replace('_', ' ')}{hint}")


def change_at(held: ChangeSet, pointer: str) -> AnyChange | None:
    """The change at a place of the set; None where there is none."""
    return next((entry.change for entry in held.contents.entries() if entry.pointer == pointer), None)

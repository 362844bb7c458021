"""Replays as they are asked for and shown in the API.

Source: docs/spec/replay.md#in-the-api.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from quote_service.platform.money.numbers import ExactNumber
from quote_service.pricing.flags.flag import FlagKey
from quote_service.steering.replay.model.replays import ReplayRecord
from quote_service.steering.replay.model.result import ReplayResult
from quote_service.steering.replay.model.supposed_change import SupposedChange

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Share = Annotated[ExactNumber, msgspec.Meta(extra_json_schema={"type": "number", "exclusiveMinimum": 0, "maximum": 1})]


class ReplayDraft(SupposedChange, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A replay to start: which quotes, and what is assumed of them. Without any assumption it proves that they can be priced again."""

    from_: Moment = msgspec.field(name="from")
    """Replay quotes accepted from this instant on."""
    to: Moment | None = None
    """Replay quotes accepted before this instant; null for now."""
    sample: Share = ExactNumber(1)
    """Share of the quotes to replay, above 0 and at most 1. Which quotes are drawn depends on their ids alone."""
    flag_overrides: dict[FlagKey, Any] = msgspec.field(default_factory=dict)
    """Values of feature flags to assume for every customer, by key."""


class ReplayDetail(ReplayRecord, frozen=True, kw_only=True):
    """A replay with what it assumes and, once it is done, its result."""

    change: dict[str, Any]
    """What is assumed, with the members of the request; flag overrides stand among `draft_flags`."""
    result: ReplayResult | None
    """What came of it; null until it is done."""


class ReplayFilters(msgspec.Struct, frozen=True):
    """Which replays to list."""

    change_set_id: UUID | None = None
    """Only replays of this change set."""

"""What is asked for: which units are refunded, and what of the fees.

Source: docs/spec/refunds.md#request.
"""

from typing import Annotated, Literal

import msgspec

from quote_service.selling.ledger.model.payouts import Note

LINES_MAX = 500
Delivery = Literal["none", "full", "proportional"]


class RefundLineDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Units of one line to refund."""

    line_id: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
    """The line, as the order names it."""
    quantity: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    """How many of its units."""


class RefundDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A refund to make."""

    lines: Annotated[list[RefundLineDraft], msgspec.Meta(max_length=LINES_MAX)] = []
    """Units to refund, each line once. May be empty if `delivery` is not `none`."""
    delivery: Delivery = "none"
    """What is refunded of the delivery fee and the small-basket fee, with their tax: nothing, all that is left, or the share
    of the units that are refunded with this refund and all before it.
    """
    restock: bool = False
    """Whether the units go back into stock."""
    reason: Note | None = None
    """Why, in words."""

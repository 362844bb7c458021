"""Whom a flag would be for if it were otherwise, before it is.

Source: docs/spec/feature-flags.md#preview.
"""

from typing import Annotated
from uuid import UUID

import msgspec

from quote_service.pricing.flags.flag import FlagDraft
from quote_service.pricing.flags.flag_evaluation import Reason

CUSTOMERS_MAX = 1000


class PreviewCustomer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A customer to ask for; tier and segments are those of the record."""

    customer_id: UUID
    """The customer."""
    region: Annotated[str, msgspec.Meta(max_length=300)] | None = None
    """Where the customer is, such as `TR/Istanbul`; null if it is not known."""


class FlagPreviewRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a flag would become, and customers to ask for."""

    flag: FlagDraft
    """The flag as it would be; its `key`, `salt` and `algorithm` are those that it has."""
    customers: Annotated[list[PreviewCustomer], msgspec.Meta(min_length=1, max_length=CUSTOMERS_MAX)]
    """The customers."""


class PreviewedCustomer(msgspec.Struct, frozen=True, kw_only=True):
    """What a flag says to a customer, now and then."""

    customer_id: UUID
    """The customer."""
    is_inside: bool
    """Whether the customer is inside the rollout now."""
    would_be_inside: bool
    """Whether the customer would be inside."""
    variant: str | None
    """The variant that the customer would get; null for none."""
    reason: Reason
    """What would decide."""


class FlagPreview(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a flag would be for. Nothing is changed."""

    customers: int
    """How many customers were asked for; each counts once."""
    inside: int
    """How many of them are inside now."""
    would_be_inside: int
    """How many of them would be inside."""
    joining: int
    """How many are outside now and would be inside."""
    leaving: int
    """How many are inside now and would be outside."""
    answers: list[PreviewedCustomer]
    """Each customer, in the order that was asked for."""

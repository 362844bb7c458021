"""Endpoints as admins write and read them.

Source: docs/spec/webhooks.md#endpoints-in-the-api.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from quote_service.platform.outbound.addresses import Networks
from quote_service.platform.outbound.urls import check_url
from quote_service.platform.system.errors import Conflict, Fault
from quote_service.platform.system.event_types import EVENT_PATTERNS

ENDPOINTS_MAX = 100
KEEP_FORMER_SECONDS = 86_400

Url = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Description = Annotated[str, msgspec.Meta(max_length=500)]
EventPatterns = Annotated[list[str], msgspec.Meta(min_length=1, max_length=100)]
DisabledReason = Literal["by_hand", "gone", "failing"]


class TooManyEndpoints(Conflict):
    code = "too-many-webhooks"
    title = "Too many webhook endpoints"


class EndpointDisabled(Conflict):
    code = "webhook-disabled"
    title = "Webhook endpoint disabled"


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook endpoint without its secret, which is never shown again."""

    id: UUID
    """Identifies the endpoint."""
    url: str
    """Where events are sent."""
    description: str
    """What the endpoint is for."""
    event_types: list[str]
    """Types of events sent: single ones, all of a subject (`rate.*`), or all (`*`)."""
    is_enabled: bool
    """Whether events are sent."""
    disabled_reason: DisabledReason | None
    """Why the endpoint is disabled: `by_hand`, `gone` (it answered 410) or `failing` (for days); null while it is enabled."""
    disabled_at: datetime | None
    """When the endpoint was disabled; null while it is enabled."""
    failing_since: datetime | None
    """When the first delivery failed since the last that succeeded; null while deliveries succeed."""
    former_secret_until: datetime | None
    """Until when the secret before the last rotation signs too; null if there is none."""
    version: int
    """Version of the endpoint, from 1; it goes up with every change, and `ETag` follows it."""
    created_at: datetime
    """When the endpoint was created."""
    updated_at: datetime
    """When the endpoint was last changed."""


class NewEndpoint(Endpoint, frozen=True, kw_only=True):
    """A webhook endpoint with its new `secret`, which is shown only once."""

    secret: str
    """Verifies signatures, `whsec_...`. It is shown only once."""


class EndpointDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A webhook endpoint to create."""

    url: Url
    """Where to send events: an http or https URL that leads to a public address."""
    event_types: EventPatterns
    """Types of events to send: single ones, all of a subject (`rate.*`), or all (`*`)."""
    description: Description = ""
    """What the endpoint is for."""
    is_enabled: bool = True
    """Whether to send events."""


class EndpointPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Changes to a webhook endpoint; a field that is left out is kept."""

    url: Url | UnsetType = UNSET
    """Where to send events; left out to keep it."""
    event_types: EventPatterns | UnsetType = UNSET
    """Types of events to send; left out to keep them."""
    description: Description | UnsetType = UNSET
    """What the endpoint is for; left out to keep it."""
    is_enabled: bool | UnsetType = UNSET
    """Whether to send events; left out to keep it. Disabling parks what has not been delivered."""


class Rotation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How to rotate a secret."""

    keep_former_seconds: Annotated[int, msgspec.Meta(ge=0, le=7 * 86_400)] = KEEP_FORMER_SECONDS
    """How long the former secret signs too; 0 ends it at once."""


def endpoint_faults(draft: EndpointDraft | EndpointPatch, networks: Networks) -> tuple[Fault, ...]:
    """What is wrong with a well-formed draft."""
    faults = []
    if isinstance(draft.url, str):
        try:
            check_url(draft.url, networks)
        except ValueError as refused:
            faults.append(Fault("/url", str(refused)))
    if isinstance(draft.event_types, list):
        for index, pattern in enumerate(draft.event_types):
            if pattern not in EVENT_PATTERNS:
                faults.append(Fault(f"/event_types/{index}", "is not a type of event, `<subject>.*` or `*`"))
            elif pattern in draft.event_types[:index]:
                faults.append(Fault(f"/event_types/{index}", "is given more than once"))
    return tuple(faults)

"""What OFREP answers, in the form of its contract, version 0.3.0.

Source: docs/spec/ofrep.md#answers.
"""

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from quote_service.platform.documents.documents import write_document
from quote_service.pricing.flags.flag_evaluation import Reason

ErrorCode = Literal["PARSE_ERROR", "INVALID_CONTEXT", "TARGETING_KEY_MISSING", "FLAG_NOT_FOUND", "GENERAL"]


class OfrepMetadata(msgspec.Struct, frozen=True):
    """What is told about a flag besides."""

    version: int
    """Version of the flag."""


class OfrepEvaluation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a flag evaluates to."""

    key: str
    """Key of the flag."""
    value: Any = msgspec.UNSET
    """The value; left out where the flag has none, so that the default in the caller's code holds."""
    reason: Reason
    """How the value was decided, as in the evaluation of a feature flag."""
    variant: str
    """Key of the variant; where none was chosen `on` or `off` for flags that are true or false, otherwise `value` inside
    the rollout and `default` outside.
    """
    metadata: OfrepMetadata
    """The version of the flag."""


class OfrepFailure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why nothing was evaluated."""

    key: str | msgspec.UnsetType = msgspec.UNSET
    """Key of the flag, where one was asked for."""
    error_code: ErrorCode = msgspec.field(name="errorCode")
    """The error code of OpenFeature."""
    error_details: str = msgspec.field(name="errorDetails")
    """What is wrong, in words."""


class OfrepEndpoint(msgspec.Struct, frozen=True, rename="camel"):
    """Where a stream is, on the same origin."""

    request_uri: str
    """Path and query."""


class OfrepStream(msgspec.Struct, frozen=True, rename="camel"):
    """A stream of events that tells of changes."""

    type: Literal["sse"]
    """Server-sent events."""
    endpoint: OfrepEndpoint
    """Where it is."""
    inactivity_delay_sec: int
    """Seconds without use after which a client should close the stream."""


class OfrepItem(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What one of all flags evaluates to, or why it does not: an `OfrepEvaluation` or an `OfrepFailure`."""

    key: str
    """Key of the flag."""
    value: Any = msgspec.UNSET
    """As where one flag is evaluated."""
    reason: Reason | msgspec.UnsetType = msgspec.UNSET
    """As where one flag is evaluated."""
    variant: str | msgspec.UnsetType = msgspec.UNSET
    """As where one flag is evaluated."""
    metadata: OfrepMetadata | msgspec.UnsetType = msgspec.UNSET
    """As where one flag is evaluated."""
    error_code: ErrorCode | msgspec.UnsetType = msgspec.UNSET
    """The error code of OpenFeature, where the flag cannot be evaluated."""
    error_details: str | msgspec.UnsetType = msgspec.UNSET
    """What is wrong, in words."""


class OfrepFlags(msgspec.Struct, frozen=True, rename="camel"):
    """What all flags evaluate to: the form of the answer, which `write_flags` writes."""

    flags: list[OfrepItem]
    """Each flag, ordered by key; one that cannot be evaluated is an item with an error code."""
    event_streams: list[OfrepStream]
    """Where to listen for changes."""


def write_flags(flags: Iterable[OfrepEvaluation | OfrepFailure], stream: OfrepStream) -> bytes:
    """The answer with all flags."""
    return write_document({"flags": list(flags), "eventStreams": [stream]})

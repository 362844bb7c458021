"""The steps of a kept quote's sum, as far as they are read again; each amount has exactly its currency's digits.

Source: docs/spec/quotes.md#steps.
"""

from uuid import UUID

import msgspec


class QuotedInputs(msgspec.Struct):
    """What a step was worked out from; empty where it does not say it."""

    platform_funded: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw)
    rate: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw)
    base_amount: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw)


class QuotedStep(msgspec.Struct):
    """A step of the sum."""

    step: str
    amount: msgspec.Raw
    rule_id: UUID | None = None
    inputs: QuotedInputs = msgspec.field(default_factory=QuotedInputs)
    included: bool = False

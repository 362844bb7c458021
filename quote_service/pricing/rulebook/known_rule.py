"""A rule of a rulebook.

Source: docs/spec/quotes.md#snapshot-and-clock.
"""

import msgspec

from quote_service.pricing.rulebook.compiled_rule import CompiledRule
from quote_service.pricing.rulebook.stored import StoredRule


class KnownRule(msgspec.Struct, frozen=True):
    """A rule as it is stored, and compiled once for all effective periods."""

    stored: StoredRule
    compiled: CompiledRule

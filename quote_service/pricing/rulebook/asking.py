"""Who asks for a price, as far as a rule's conditions look, before there is a quote.

Source: docs/spec/pricing-rules.md#conditions.
"""

from collections.abc import Mapping
from typing import Protocol

from quote_service.pricing.flags.compiled_flag import CompiledFlag
from quote_service.pricing.flags.decision import Subject


class KnowsFlags(Protocol):
    """A stretch of time with the flags that are settled in it (`effective_period.py`)."""

    @property
    def flags(self) -> Mapping[str, CompiledFlag]: ...


class Asking:
    """A customer, and whether the delivery is to be express."""

    def __init__(self, period: KnowsFlags, subject: Subject, is_express: bool) -> None:
        self._period = period
        self.subject = subject
        self.is_express = is_express

    def flag_is_true(self, key: str) -> bool:
        """Whether a flag evaluates true for this customer; false where there is no such flag."""
        flag = self._period.flags.get(key)
        return flag is not None and flag.evaluate(self.subject).is_true

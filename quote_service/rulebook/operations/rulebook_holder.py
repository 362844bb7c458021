"""The one place where the rulebook changes: a worker holds it, quotes read it, the watch replaces it.

Source: docs/spec/quotes.md#snapshot-and-clock; docs/spec/operations.md#health.
"""

import gc

from quote_service.pricing.rulebook.rulebook import Rulebook, apply_changes, empty_rulebook
from quote_service.pricing.rulebook.stored import RulebookChanges
from quote_service.system.clock import now_us


class RulebookHolder:
    """`rulebook` is the one to price with, None until the first has been read; each quote takes it once and keeps it.

    `loaded_at_us` is when it was put in place, `checked_at_us` when it was last known to be the newest.
    """

    __slots__ = ("checked_at_us", "loaded_at_us", "rulebook")

    def __init__(self) -> None:
        self.rulebook: Rulebook | None = None
        self.loaded_at_us = 0
        self.checked_at_us = 0

    @property
    def version(self) -> int:
        """The version held, 0 for none."""
        return self.rulebook.version if self.rulebook is not None else 0

    def apply(self, changes: RulebookChanges) -> None:
        """Put a newer rulebook in place.

        Everything is compiled before the swap, so a change that cannot be compiled leaves the held one as it is.
        """
        held = self.rulebook
        self.rulebook = apply_changes(held if held is not None else empty_rulebook(), changes)
        self.loaded_at_us = self.checked_at_us = now_us()
        if changes.is_complete:
            # What was just loaded stays: without this each full collection walks a million rates, some 100 ms each.
            gc.collect()
            gc.freeze()

    def confirm(self) -> None:
        """Note that the version held is still the newest."""
        self.checked_at_us = now_us()

"""What still says something: versions of a rule that count now or will, and starts that are to come.

Source: docs/spec/rulebook-files.md#identity; docs/spec/pricing-rules.md#versions.
"""

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from quote_service.platform.system.instants import FOREVER, to_micros
from quote_service.pricing.commission.rate import RateDraft
from quote_service.pricing.rulebook.rule import RuleDraft

Version = TypeVar("Version")
Dated = TypeVar("Dated", RuleDraft, RateDraft)


def still_effective(versions: Sequence[tuple[Version, RuleDraft]], at_us: int) -> list[tuple[Version, RuleDraft]]:
    """Those that count at some instant from now on, in their order.

    Args:
        versions: Of one name, ascending; one without a start begins now.
        at_us: Now.
    """
    reported: list[tuple[Version, RuleDraft]] = []
    covered: list[tuple[int, int]] = []
    for version, draft in reversed(versions):
        if not draft.is_active:
            continue
        begins = at_us if draft.effective_from is None else max(at_us, to_micros(draft.effective_from))
        ends = FOREVER if draft.effective_to is None else to_micros(draft.effective_to)
        if begins < ends and not _is_covered(begins, ends, covered):
            reported.append((version, draft))
        covered.append((begins, ends))
    return reported[::-1]


def _is_covered(begins: int, ends: int, by: list[tuple[int, int]]) -> bool:
    """Whether higher versions hide all of a period."""
    for first, last in sorted(by):
        if first > begins:
            return False
        begins = max(begins, last)
        if begins >= ends:
            return True
    return False


def from_now(draft: Dated, at_us: int) -> Dated:
    """The draft without a start that has passed: since when it counts makes no difference to what comes."""
    if draft.effective_from is None or to_micros(draft.effective_from) > at_us:
        return draft
    return msgspec.structs.replace(draft, effective_from=None)

"""Step 9: the flags that a quote shows.

Source: docs/spec/quotes.md#steps; docs/spec/feature-flags.md#types-and-values.
"""

from collections.abc import Iterable

from quote_service.pricing.flags.compiled_flag import CompiledFlag
from quote_service.pricing.flags.decision import Decision, Subject


def quote_flags(exposed: Iterable[CompiledFlag], subject: Subject) -> list[Decision]:
    """What each flag that has a value for the subject decides, in the order of the flags.

    Args:
        exposed: The enabled flags that are marked for quotes.
        subject: The quote's customer at the delivery address.
    """
    return [decision for flag in exposed if (decision := flag.evaluate(subject)).value is not None]

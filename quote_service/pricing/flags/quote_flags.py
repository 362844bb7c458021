"""Step 9: the flags that a quote shows.

Source: docs/spec/quotes.md#steps; docs/spec/feature-flags.md#types-and-values.
"""

from collections.abc import Iterable

from quote_service.pricing.flags.compiled_flag import CompiledFlag
from quote_service.pricing.flags.decision import Subject


def quote_flags(exposed: Iterable[CompiledFlag], subject: Subject) -> list[str]:
    """Each flag that has a value for the subject, as a member of a JSON object, in the order of the flags.

    Args:
        exposed: The enabled flags that are marked for quotes.
        subject: The quote's customer at the delivery address.
    """
    return [shown for flag in exposed if (shown := flag.evaluate(subject).shown) is not None]

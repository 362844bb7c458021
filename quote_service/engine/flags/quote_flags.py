"""Step 9: the flags that a quote shows.

Source: spec 2, step 9; spec 6, Types.
"""

from typing import Protocol

from quote_service.engine.flags.compiled_flag import CompiledFlag
from quote_service.engine.flags.decision import Subject


class _FlagsInForce(Protocol):
    @property
    def exposed_flags(self) -> tuple[CompiledFlag, ...]: ...


class _Sheet(Protocol):
    subject: Subject

    @property
    def era(self) -> _FlagsInForce: ...


def quote_flags(sheet: _Sheet) -> list[tuple[str, str]]:
    """Each enabled flag marked for quotes, as its key in JSON with a colon and its value as a JSON literal.

    A flag without a value for this customer is left out. Keys come in alphabetical order.
    """
    subject = sheet.subject
    values = []
    for flag in sheet.era.exposed_flags:
        value = flag.evaluate(subject).value
        if value is not None:
            values.append((flag.wire_key, value))
    return values

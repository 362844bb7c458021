"""What is wrong with well-formed filters of a list, told at the parameter.

Source: docs/spec/wire.md#lists.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Fault, Invalid, NotFound

LookUp = Callable[[Connection, UUID], Awaitable[object]]


def check_filters(
    currency: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    names: tuple[str, str] = ("from", "to"),
) -> None:
    """Return where a currency is one and a period has a length; what is None is not asked for.

    Raises:
        Invalid: With every fault; `names` are those of the period's parameters.
    """
    faults = []
    if currency is not None and currency not in EXPONENTS:
        faults.append(Fault("/query/currency", "is not an ISO 4217 currency code"))
    if since is not None and until is not None and until <= since:
        faults.append(Fault(f"/query/{names[1]}", f"must be after {names[0]}"))
    if faults:
        raise Invalid.because(tuple(faults))


async def check_named(connection: Connection, **named: tuple[LookUp, UUID | None]) -> None:
    """Return where everything is there that filters name: then an empty list is no typing mistake.

    Args:
        connection: To read with.
        named: By parameter, what looks it up and raises NotFound, and the id; None is not asked for.

    Raises:
        Invalid: With every parameter that names what is not there.
    """
    faults = []
    for name, (look_up, each) in named.items():
        if each is None:
            continue
        try:
            await look_up(connection, each)
        except NotFound as missing:
            faults.append(Fault(f"/query/{name}", missing.detail[:1].lower() + missing.detail[1:]))
    if faults:
        raise Invalid.because(tuple(faults))

"""A person sets up a second factor: a secret is shown once, and the first code that fits turns it on.

Source: docs/spec/access.md#second-factor.
"""

import secrets

from quote_service.identity.model.people import Account, User, audited_user
from quote_service.identity.model.second_factors import (
    RECOVERY_BITS,
    RECOVERY_CODES,
    FactorSecret,
    recovery_digest,
    write_recovery_code,
)
from quote_service.identity.operations.factors.second_factors import SecondFactors, shown_secret
from quote_service.identity.tables.second_factors import (
    confirm_factor,
    lock_factor,
    note_step,
    replace_codes,
    start_factor,
)
from quote_service.identity.tables.users import note_second_factor
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Conflict, Invalid
from quote_service.platform.system.instants import from_micros


async def start_enrolment(connection: Connection, factors: SecondFactors, user: User, at_us: int) -> FactorSecret:
    """A new secret, in place of one that was not confirmed.

    Raises:
        Conflict: There is a second factor already.
    """
    secret = factors.new_secret()
    if not await start_factor(connection, user.id, factors.sealed(user.id, secret), from_micros(at_us)):
        raise Conflict("There is a second factor already; turn it off first")
    return shown_secret(secret, user.email)


async def confirm_enrolment(factors: SecondFactors, change: Change, held: Account, code: str) -> list[str]:
    """Turn the second factor on, within the caller's transaction; the recovery codes.

    Args:
        factors: To read the secret with.
        change: Its author.
        held: The person, the row held.
        code: Of the app that the secret was given to.

    Raises:
        Conflict: There is a second factor already, or none was begun.
        Invalid: The code does not fit the secret.
    """
    user_id, at = held.user.id, change.at
    factor = await lock_factor(change.connection, user_id)
    if factor is None or factor.is_confirmed:
        raise Conflict("There is no second factor to turn on; set it up first")
    step = factors.step_of(user_id, factor.secret, code, factor.last_step, change.at_us)
    if step is None:
        raise Invalid.at("/code", "is not the code that the app shows now")
    await note_step(change.connection, user_id, step)
    await confirm_factor(change.connection, user_id, at)
    on = await note_second_factor(change.connection, user_id, at, at)
    await change.record(
        "second_factor.enrol", audited_user(held.user), audited_user(on.user), kind="user", object_id=user_id
    )
    return await new_recovery_codes(change.connection, user_id)


async def new_recovery_codes(connection: Connection, user_id: str) -> list[str]:
    """Other recovery codes in place of those there are; shown once."""
    codes = [write_recovery_code(secrets.randbits(RECOVERY_BITS)) for _ in range(RECOVERY_CODES)]
    await replace_codes(connection, user_id, [recovery_digest(code) for code in codes])
    return codes

"""A code is taken: of the authenticator app, or one of the recovery codes. Each works once.

Source: docs/spec/access.md#second-factor.
"""

from quote_service.identity.model.second_factors import CodeKind, recovery_digest
from quote_service.identity.operations.factors.second_factors import SecondFactors
from quote_service.identity.tables.second_factors import lock_factor, note_step, use_code
from quote_service.platform.postgres.audit_log import record_change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.changes import Change
from quote_service.platform.system.instants import from_micros


async def take_code(
    connection: Connection, factors: SecondFactors, change: Change, user_id: str, code: str
) -> CodeKind | None:
    """Take a code for a person, within the caller's transaction; None if it does not hold."""
    held = await lock_factor(connection, user_id)
    if held is None or not held.is_confirmed:
        return None
    step = factors.step_of(user_id, held.secret, code, held.last_step, change.at_us)
    if step is not None:
        await note_step(connection, user_id, step)
        return "totp"
    if not await use_code(connection, user_id, recovery_digest(code), from_micros(change.at_us)):
        return None
    # On record, because it is the way in for whoever has found the sheet of paper.
    await record_change(
        connection,
        change,
        action="second_factor.recovery_code",
        object_kind="user",
        object_id=user_id,
        before=None,
        after=None,
    )
    return "recovery_code"

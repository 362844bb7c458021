"""A code is taken: of the authenticator app, or one of the recovery codes. Each works once.

Source: docs/spec/access.md#second-factor.
"""

from quote_service.identity.model.second_factors import CodeKind, recovery_digest
from quote_service.identity.operations.factors.second_factors import SecondFactors
from quote_service.identity.tables.second_factors import lock_factor, note_step, use_code
from quote_service.platform.postgres.change import Change


async def take_code(factors: SecondFactors, change: Change, user_id: str, code: str) -> CodeKind | None:
    """Take a code for a person, within the caller's transaction; None if it does not hold."""
    held = await lock_factor(change.connection, user_id)
    if held is None or not held.is_confirmed:
        return None
    step = factors.step_of(user_id, held.secret, code, held.last_step, change.at_us)
    if step is not None:
        await note_step(change.connection, user_id, step)
        return "totp"
    if not await use_code(change.connection, user_id, recovery_digest(code), change.at):
        return None
    # On record, because it is the way in for whoever has found the sheet of paper.
    await change.record("second_factor.recovery_code", kind="user", object_id=user_id)
    return "recovery_code"

"""An admin changes what a key may do, or ends it.

Source: docs/spec/access.md#callers.
"""

import msgspec
from msgspec import UNSET

from quote_service.identity.tables.api_keys import lock_key, update_key
from quote_service.platform.callers.api_keys import ApiKey, ApiKeyPatch, api_key_faults
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Conflict, Invalid, NotFound
from quote_service.platform.system.preconditions import Precondition


async def change_api_key(change: Change, key_id: str, patch: ApiKeyPatch, precondition: Precondition) -> ApiKey:
    """Change a key, within the caller's transaction; every worker goes by it within a second.

    Raises:
        NotFound: There is no such key.
        Stale: It has been changed since.
        Invalid: The patch cannot be accepted.
        Conflict: The key is revoked, and stays so.
    """
    faults = api_key_faults(patch, change.at)
    if faults:
        raise Invalid.because(faults)
    held = await _hold(change.connection, key_id, precondition)
    if held.revoked_at is not None:
        raise Conflict("The key is revoked; create another")
    given = {name: value for name, value in msgspec.structs.asdict(patch).items() if value is not UNSET}
    if "scopes" in given:
        given["scopes"] = sorted(set(given["scopes"]))
    wanted = msgspec.structs.replace(held, **given)
    return held if wanted == held else await _write(change, held, wanted, "api_key.change")


async def revoke_api_key(change: Change, key_id: str, precondition: Precondition) -> ApiKey:
    """End a key for good, within the caller's transaction; a revoked key stays as it is.

    Raises:
        NotFound: There is no such key.
        Stale: It has been changed since.
    """
    held = await _hold(change.connection, key_id, precondition)
    if held.revoked_at is not None:
        return held
    wanted = msgspec.structs.replace(held, revoked_at=change.at)
    return await _write(change, held, wanted, "api_key.revoke")


async def _hold(connection: Connection, key_id: str, precondition: Precondition) -> ApiKey:
    held = await lock_key(connection, key_id)
    if held is None:
        raise NotFound("There is no such API key")
    precondition.require(key_id, held.version)
    return held


async def _write(change: Change, held: ApiKey, wanted: ApiKey, action: str) -> ApiKey:
    written = await update_key(change.connection, wanted, change.at)
    await change.record(action, held, written)
    return written

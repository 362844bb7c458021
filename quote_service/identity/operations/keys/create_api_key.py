"""An admin makes an API key for a checkout system.

Source: docs/spec/access.md#callers.
"""

import secrets

import msgspec
from msgspec import UNSET

from quote_service.identity.tables.api_keys import insert_key
from quote_service.platform.callers.api_keys import (
    ID_BITS,
    SECRET_BITS,
    ApiKeyDraft,
    Environment,
    NewApiKey,
    api_key_faults,
    key_digest,
    write_key,
)
from quote_service.platform.postgres.audit_log import record_change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.settings.rate_limit import DEFAULT_RATE_LIMIT
from quote_service.platform.system.changes import Change
from quote_service.platform.system.errors import Invalid
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.new_ids import new_id


async def create_api_key(
    connection: Connection, change: Change, draft: ApiKeyDraft, environment: Environment
) -> NewApiKey:
    """Make a key, within the caller's transaction; its text is in the answer and nowhere else.

    Raises:
        Invalid: The draft cannot be accepted.
    """
    at = from_micros(change.at_us)
    faults = api_key_faults(draft, at)
    if faults:
        raise Invalid.because(faults)
    key = write_key(environment, secrets.randbits(ID_BITS), secrets.randbits(SECRET_BITS))
    stored = await insert_key(
        connection,
        key_id=new_id(),
        name=draft.name,
        prefix=key.prefix,
        key_hash=key_digest(key.text.encode()),
        scopes=sorted(set(draft.scopes)),
        rate_limit=DEFAULT_RATE_LIMIT if draft.rate_limit is UNSET else draft.rate_limit,
        expires_at=draft.expires_at,
        at=at,
    )
    await record_change(
        connection,
        change,
        action="api_key.create",
        object_kind="api_key",
        object_id=stored.id,
        before=None,
        after=msgspec.json.encode(stored),
    )
    return NewApiKey(**msgspec.structs.asdict(stored), key=key.text)

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
from quote_service.platform.postgres.change import Change
from quote_service.platform.settings.rate_limit import DEFAULT_RATE_LIMIT
from quote_service.platform.system.errors import Invalid
from quote_service.platform.system.new_ids import new_id


async def create_api_key(change: Change, draft: ApiKeyDraft, environment: Environment) -> NewApiKey:
    """Make a key, within the caller's transaction; its text is in the answer and nowhere else.

    Raises:
        Invalid: The draft cannot be accepted.
    """
    at = change.at
    faults = api_key_faults(draft, at)
    if faults:
        raise Invalid.because(faults)
    key = write_key(environment, secrets.randbits(ID_BITS), secrets.randbits(SECRET_BITS))
    stored = await insert_key(
        change.connection,
        key_id=new_id(),
        name=draft.name,
        prefix=key.prefix,
        key_hash=key_digest(key.text.encode()),
        scopes=sorted(set(draft.scopes)),
        rate_limit=DEFAULT_RATE_LIMIT if draft.rate_limit is UNSET else draft.rate_limit,
        expires_at=draft.expires_at,
        at=at,
    )
    await change.record("api_key.create", None, stored)
    return NewApiKey(**msgspec.structs.asdict(stored), key=key.text)

"""An accepted quote as it is read for being priced again.

Source: docs/spec/replay.md.
"""

from datetime import datetime
from typing import NamedTuple


class PastQuote(NamedTuple):
    """`data` is the quote as issued; `request` and `rulebook_version` are None where they are not kept."""

    quote_id: str
    accepted_at: datetime
    rulebook_version: int | None
    issued_at_us: int
    valid_until_us: int
    data: bytes
    request: bytes | None


class PastRange(NamedTuple):
    """Quotes accepted from one instant up to another, of which a share is drawn by their ids: `share` of SHARE_WHOLE."""

    starts: datetime
    ends: datetime
    share: int


SHARE_WHOLE = 1 << 20

"""How often a caller may ask: the limit of a key, and that of a role as a setting.

Source: docs/spec/quotes.md#limits; docs/spec/access.md#rate-limits.
"""

from typing import Annotated

import msgspec

RATE_PER_SECOND_MAX = 1_000_000


class RateLimit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A token bucket: it fills at `requests_per_second` and holds `burst` requests at most."""

    requests_per_second: Annotated[int, msgspec.Meta(ge=1, le=RATE_PER_SECOND_MAX)]
    """How many requests a second are allowed in the long run."""
    burst: Annotated[int, msgspec.Meta(ge=1, le=RATE_PER_SECOND_MAX)] = msgspec.field(default_factory=lambda: 0)
    """How many requests may come at once; twice `requests_per_second` if left out."""

    def __post_init__(self) -> None:
        if self.burst == 0:
            msgspec.structs.force_setattr(self, "burst", min(2 * self.requests_per_second, RATE_PER_SECOND_MAX))


#: What a key gets whose maker names no limit (`null` asks for none), and what a person of the staff has.
DEFAULT_RATE_LIMIT = RateLimit(requests_per_second=100, burst=200)


def read_limit(text: str) -> RateLimit | None:
    """Read `100/200` (requests a second/requests at once), or `none`.

    Raises:
        ValueError: It is not written so, or out of bounds.
    """
    if text.lower() == "none":
        return None
    rate, _, burst = (part.strip() for part in text.partition("/"))
    if len(text) > 20 or not (rate + burst).isascii() or not (rate.isdigit() and burst.isdigit()):
        raise ValueError("is not valid; expected requests per second/requests at once, such as 100/200, or none")
    if not (1 <= int(rate) <= RATE_PER_SECOND_MAX and 1 <= int(burst) <= RATE_PER_SECOND_MAX):
        raise ValueError(
            f"is not valid; expected requests per second/requests at once, each 1 to {RATE_PER_SECOND_MAX}"
        )
    return RateLimit(int(rate), int(burst))

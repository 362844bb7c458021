"""Which writes can be waited for, and the headers by which that is done.

Source: docs/spec/wire.md#positions.
"""

from collections.abc import Mapping
from typing import Final

POSITION: Final = "X-Position"
MIN_POSITION: Final = "X-Min-Position"
# Of a request that is answered by rules, rates, flags, prices, stock or customers.
WAITS: Final[Mapping[str, str]] = {
    MIN_POSITION: "`X-Position` of an earlier write: the answer counts that write, or is 503 `position-not-reached`.",
}
IS_AT: Final[Mapping[str, str]] = {
    POSITION: "What to send in `X-Min-Position` of a request whose answer is to count this write.",
}
_FOLLOWED = tuple(
    f"/api/v1/{name}"
    for name in (
        "campaigns",
        "categories",
        "change-sets",
        "commission-rates",
        "customers",
        "decisions",
        "feature-flags",
        "flash-sales",
        "inventory",
        "price-experiments",
        "pricing-rules",
        "products",
        "sellers",
    )
)
# What only reads, or sells units: those change no price until the last one goes, and are published by the recorder.
_OTHERS = ("/check", "/evaluate", "/preview", "/purchases", "/replay", "/simulate", "/what-if")


_PRICED = ("/api/v1/quote", "/api/v1/rulebook/check", "/ofrep/")
_EVALUATED = ("/evaluate", "/preview")


def is_priced(path: str) -> bool:
    """Whether requests for a path are answered by what every process holds in memory; every route takes the header."""
    return path.startswith(_PRICED) or path.endswith(_EVALUATED)


def is_followed(method: str, path: str) -> bool:
    """Whether a request writes what every process holds in memory and prices by."""
    return method in ("POST", "PUT", "PATCH", "DELETE") and path.startswith(_FOLLOWED) and not path.endswith(_OTHERS)

"""How a setting is declared: its variable, meaning and bounds, and the types that several have."""

from typing import Any, Literal

import msgspec

from quote_service.platform.settings.rate_limit import RateLimit

Switch = Literal["on", "off"]
Words = tuple[str, ...]
Limit = RateLimit | None


def variable(name: str, meaning: str, *, secret: bool = False, **bounds: Any) -> msgspec.Meta:
    """The variable of a setting, its meaning, whether it is secret, and msgspec's own bounds for its value."""
    return msgspec.Meta(description=meaning, extra={"variable": name, "secret": secret}, **bounds)

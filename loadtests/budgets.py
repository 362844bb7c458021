"""What a load test allows each persona, and whether it was kept."""

from pathlib import Path
from typing import Annotated

import msgspec

_Limit = Annotated[float, msgspec.Meta(ge=0)]


class Budget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """At most so many milliseconds for 99 of 100 requests, this share of failures, and at least so many a second."""

    p99_ms: _Limit
    error_rate: Annotated[float, msgspec.Meta(ge=0, le=1)]
    min_per_second: _Limit


class PersonaFigures(msgspec.Struct, frozen=True):
    """What a persona's requests came to."""

    requests: int
    failures: int
    per_second: float
    p99_ms: float

    @property
    def error_rate(self) -> float:
        return self.failures / self.requests if self.requests else 0.0


def read_budgets(path: Path) -> dict[str, Budget]:
    """Budgets by persona.

    Raises:
        msgspec.MsgspecError: The file is no TOML, or holds something else than budgets.
    """
    return msgspec.toml.decode(path.read_bytes(), type=dict[str, Budget])


def exceeded(budget: Budget, figures: PersonaFigures) -> list[str]:
    """Every limit that was not kept, in words. A persona that never asked has not kept its rate."""
    found = []
    if figures.p99_ms > budget.p99_ms:
        found.append(f"p99 {figures.p99_ms:.1f} ms, at most {budget.p99_ms:g} are allowed")
    if figures.error_rate > budget.error_rate:
        found.append(f"{figures.error_rate:.3%} failed, at most {budget.error_rate:.3%} may")
    if figures.per_second < budget.min_per_second:
        found.append(f"{figures.per_second:.1f} requests a second, at least {budget.min_per_second:g} are wanted")
    return found

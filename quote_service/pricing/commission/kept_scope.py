"""The scope of a rate as rows and documents keep it, beside what releases before `QUOTE` wrote and still read.

They called it `ORDER` where the lines of all sellers are charged together. That is kept under this name: what they wrote means
what it meant, and they price it as they did. A rate that charges each seller by itself is kept as `by_seller` beside it.

Source: docs/spec/commission.md#scopes-of-earlier-releases.
"""

from typing import Any, NamedTuple

from quote_service.pricing.commission.rate import DEFAULT_SCOPES, CommissionScope, CommissionType

_BY_SELLER = "by_seller"


class KeptScope(NamedTuple):
    """A scope as it is kept; `by_seller` is true of what is effectively `ORDER`."""

    scope: CommissionScope | None
    by_seller: bool


def kept_scope(commission_type: CommissionType, scope: CommissionScope | None) -> KeptScope:
    """How the scope of a rate is kept; the function `scope_of_rate` of the database reads it from rows."""
    if scope == "QUOTE":
        return KeptScope("ORDER", by_seller=False)
    return KeptScope(scope, by_seller=(scope or DEFAULT_SCOPES[commission_type]) == "ORDER")


def scope_of_kept(
    commission_type: CommissionType, scope: CommissionScope | None, *, by_seller: bool = False
) -> CommissionScope | None:
    """The scope of a rate that was kept."""
    is_together = not by_seller and (scope or DEFAULT_SCOPES[commission_type]) == "ORDER"
    return "QUOTE" if is_together else scope


def kept_rate(rate: dict[str, Any]) -> dict[str, Any]:
    """The document of a rate as it is kept; `by_seller` stands in it where it is true, and earlier releases refuse it."""
    scope, by_seller = kept_scope(rate["commission_type"], rate.get("scope"))
    return {**rate, "scope": scope, **({_BY_SELLER: True} if by_seller else {})}


def rate_of_kept(kept: dict[str, Any]) -> dict[str, Any]:
    """The document of a rate that was kept, by this release or one before."""
    rate = {name: value for name, value in kept.items() if name != _BY_SELLER}
    return {**rate, "scope": scope_of_kept(rate["commission_type"], rate.get("scope"), by_seller=_BY_SELLER in kept)}

"""What a price decision went by besides, in words: other ways of learning, shoppers, sizes, cost and policies.

Source: docs/spec/web.md#price-decisions; docs/spec/price-decisions.md#grounds.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

Document = Mapping[str, Any]

#: Each method by what it looks at.
METHODS: Final = {
    "instrument": ("From changes of its cost", "Counts only price moves that followed what a unit cost you."),
    "double_ml": (
        "From moves that nothing foretold",
        "Counts only price moves that season, promotions and rivals do not explain.",
    ),
}
_UNTOUCHED: Final = Decimal("0.0005")


class Size(NamedTuple):
    """A size of a family: how much is in a pack, its price then, and what one unit of it cost."""

    product_id: str
    name: str
    units: Any
    price: Any
    unit_price: Decimal
    is_this: bool


class Allowed(NamedTuple):
    """What one rule allows; None where it has no limit on that side."""

    lowest: Any
    highest: Any


class PolicyLink(NamedTuple):
    """A policy that was in force, by what it is about; `path` is empty for one that is gone."""

    label: str
    path: str


class Margin(NamedTuple):
    """What is left of a price after cost, as a share of it."""

    label: str
    price: Any
    margin: Decimal


def sizes_of(reported: Document, names: Mapping[str, str]) -> list[Size]:
    """All sizes of the family, the smallest first, with the one that was decided about among them; none without a family.

    Args:
        told: A decision, or the answer to a what-if.
        names: Of the other products, by id.
    """
    family = reported.get("family")
    if not family:
        return []
    own = {"product_id": reported["product_id"], "units": family["units"], "price": reported["current_price"]}
    rows = [(each, each is own) for each in (own, *family["others"])]
    rows.sort(key=lambda row: _exact(row[0]["units"]))
    return [
        Size(
            str(each["product_id"]),
            "This one" if is_this else names.get(str(each["product_id"]), "Another size"),
            each["units"],
            each["price"],
            _exact(each["price"]) / _exact(each["units"]),
            is_this,
        )
        for each, is_this in rows
    ]


def allowed_by(reported: Document, rule: str) -> Allowed | None:
    """What a rule allows; None where it was not weighed, as for a price of a person."""
    found = next((each for each in reported["bounds"] if each["rule"] == rule), None)
    return None if found is None else Allowed(found["lowest"], found["highest"])


def policy_link(policy_id: str, policy: Document | None) -> PolicyLink:
    """A policy by what it is about; None: it has been deleted."""
    if policy is None:
        return PolicyLink("one that is gone", "")
    about = "the product" if policy["product_id"] else "its category" if policy["category_id"] else "all products"
    return PolicyLink(about, f"/admin/price-policies/{policy_id}")


def margin_rows(reported: Document) -> list[Margin]:
    """The margin now and at the decided price; none where nobody has said what a unit costs."""
    cost = reported["limits"]["cost"]
    if cost is None:
        return []
    now, decided = reported["current_price"], reported["price"]
    rows = [("now", now)] + ([("decided", decided)] if decided not in (None, now) else [])
    return [Margin(label, price, 1 - _exact(cost) / _exact(price)) for label, price in rows if _exact(price) > 0]


def standing_of_opinion(opinion: Document) -> tuple[str, str]:
    """What comes of a second opinion, and the tag that it is shown in."""
    if opinion["contradicts"]:
        return "Contradicts: no price is set by itself", "bad"
    return ("Agrees", "good") if opinion["is_believable"] else ("Too weak to count", "")


def behaviour_sentence(reported: Document) -> str:
    """What shoppers did, and what follows from it for expected sales; empty where it was not learnt from."""
    seen = reported.get("behaviour")
    if not reported.get("uses_behaviour"):
        return ""
    if seen is None:
        return "What shoppers look at was learnt from, though nothing was known of this product."
    more = _exact(seen["units_factor"]) - 1
    counted = (
        f"Its page was looked at {_exact(seen['views_a_day']):,.1f} times a day, and it was put into a cart "
        f"{_exact(seen['carts_a_day']):,.1f} times, by all shoppers together."
    )
    if abs(more) < _UNTOUCHED:
        return f"{counted} That changes nothing of what is expected to be sold."
    return f"{counted} For that, {abs(more) * 100:.1f} % {'more' if more > 0 else 'less'} is expected to be sold."


def _exact(figure: Any) -> Decimal:
    return Decimal(str(figure))

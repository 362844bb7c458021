"""What a signal tells, as a sentence.

Source: docs/spec/web.md#signals.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from quote_service.web.model.names_in_text import name_in_text

Document = Mapping[str, Any]

#: What each kind is about, in the words of the menu, and how urgent it usually is.
KINDS: Final = {
    "competitor_price_drop": ("Competitor fell", "bad"),
    "competitor_price_rise": ("Competitor rose", "mark"),
    "price_change": ("Our price moved", "mark"),
    "demand_surge": ("Demand surges", "mark"),
    "low_inventory": ("Stock runs low", "warn"),
    "price_anomaly": ("Odd price", "warn"),
    "source_stale": ("Source is stale", "warn"),
    "price_war": ("Price war", "bad"),
}
#: What something was in a signal.
ROLES: Final = {
    "before": "Before",
    "now": "Now",
    "compared": "Compared with",
    "undercut": "Undercut",
    "expected": "Usual",
}
SUBJECTS: Final = {
    "observation": "Price of a competitor",
    "price_move": "Our price",
    "stock": "Units in stock",
    "source": "Source",
    "sales": "Units sold",
}


def describe_signal(signal: Document, competitor: str, source: str = "") -> str:
    """A signal as a sentence without its product.

    Args:
        signal: As returned by the API.
        competitor: Name of its competitor; empty where it has none or it is not known.
        source: Name of its source, likewise.
    """
    who = name_in_text(competitor) or "A competitor"
    measured, money = signal["measured"], signal["currency"] or ""
    prices = _from_to(signal, money)
    match signal["kind"]:
        case "competitor_price_drop":
            return f"{who} asks {_share(measured)} less{prices}"
        case "competitor_price_rise":
            return f"{who} asks {_share(measured)} more{prices}"
        case "price_change":
            direction = "down" if measured is not None and Decimal(str(measured)) < 0 else "up"
            return f"Our price went {direction} by {_share(measured)}{prices}"
        case "demand_surge":
            return f"It sells {'some' if measured is None else _rounded(Decimal(str(measured)))} times as much as usual"
        case "low_inventory":
            return f"{measured} units are left"
        case "price_anomaly":
            asked = "" if signal["price"] is None else f" of {signal['price']} {money}"
            return f"{who} asks a price{asked} that looks wrong; it decides nothing until somebody says otherwise"
        case "source_stale":
            return f"{name_in_text(source) or 'A source'} has reported nothing for so long that its prices are no longer used"
        case "price_war":
            return f"We and others have undercut each other {measured} times"
    return str(signal["kind"])


def _share(measured: Any) -> str:
    return "some" if measured is None else f"{_rounded(abs(Decimal(str(measured))))} %"


def _rounded(figure: Decimal) -> str:
    """To a tenth, which is enough to be told of."""
    return f"{round(figure, 1):f}".removesuffix(".0")


def _from_to(signal: Document, money: str) -> str:
    if signal["previous_price"] is None or signal["price"] is None:
        return ""
    return f": {signal['previous_price']} before, {signal['price']} {money} now".rstrip()

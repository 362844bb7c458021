"""What a price decision says, as sentences.

Source: docs/spec/web.md#price-decisions.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

Document = Mapping[str, Any]

RULES: Final = {
    "floor": "Floor",
    "ceiling": "Ceiling",
    "lowest_margin": "Lowest margin",
    "highest_margin": "Highest margin",
    "minimum_advertised": "Minimum advertised price",
    "step": "Step of one decision",
    "day": "Moves of 24 hours",
    "cumulative": "Since somebody confirmed",
    "position": "Position to competitors",
    "family": "Other sizes of it",
    "campaign": "Limit of the campaign",
}
#: Why a price is held, and what somebody can do.
HELD: Final = {
    "no_floor": "It has no floor. Say in its policy how low it may ever be.",
    "no_cost": "Nobody has said what a unit costs.",
    "no_price": "It has no price in this currency.",
    "bounds_exclude_each_other": "Its bounds leave no price between them; the floor wins.",
    "no_legal_price": "No price that may be written lies within its bounds.",
    "unfit_rival_price": "A competitor's price that it would go by is stale or doubted.",
    "not_identified": "How demand answers to its price is not known well enough. An experiment would show it.",
    "second_opinion": "Another way of learning says something else about its demand.",
    "price_war": "A price war is on.",
    "circuit_breaker": "Too much of the catalog would have moved at once.",
    "no_model": "Nothing has been learnt of its demand yet.",
    "stale_model": "What was learnt of its demand is too old.",
    "campaign": "A campaign moves its price.",
    "flash_sale": "It is in a flash sale.",
    "change_set": "A change set is about to move its price.",
    "moved_by_stock": "Its price follows its stock.",
    "finer_price": "Its price is finer than its currency.",
    "not_sold": "It is not sold.",
    "not_looked_at": "A price that has just come has not been looked at, and might be odd. The next run decides.",
}
#: What becomes of a decision, by the mode of the policy.
MODES: Final = {
    "off": "no policy moves it",
    "shadow": "policy only records",
    "suggest": "policy suggests",
    "auto": "policy sets prices",
    "manual": "by hand",
}
DOUBTS: Final = {
    "too_few_rows": "too few days with sales",
    "too_few_prices": "too few prices were seen",
    "too_little_variation": "its price has hardly moved",
    "too_uncertain": "the interval is too wide",
    "wrong_sign": "more was sold at higher prices",
}
#: What forecasts go by, in the words of whoever reads them.
_FORECASTS: Final = {"boosted": "boosted trees", "forest": "random forest"}
LABELS: Final = {
    "now": "now",
    "minus_5_percent": "−5 %",
    "plus_5_percent": "+5 %",
    "proposed": "best before bounds",
    "decided": "decided",
    "confirmed": "last confirmed",
    "lowest": "lowest allowed",
    "highest": "highest allowed",
}


def headline(decision: Document) -> str:
    """What was decided, in a sentence."""
    now, price, currency = decision["current_price"], decision["price"], decision["currency"]
    move = "" if price is None else f"{price} instead of {now} {currency}{_share(price, now)}"
    match decision["status"]:
        case "suggested":
            return f"Suggests {move}"
        case "applied":
            return f"Set {move}"
        case "rolled_back":
            return f"Set {move}, and was rolled back"
        case "shadow":
            return (
                f"Would have set {move}" if price is not None and price != now else f"Would have left {now} {currency}"
            )
        case "held":
            return f"Holds {now} {currency}" + (f"; a person may set {price}" if price is not None else "")
        case "unchanged":
            return f"Leaves {now} {currency} as it is"
        case "rejected":
            return f"Suggested {move}, and was rejected"
    return f"Suggested {move}, and was superseded" if move else "Was superseded"


def forecast_text(name: str) -> str:
    """A forecast by what it goes by: `boosted 70%` is "boosted trees, 70 %"."""
    kind, _, rest = name.partition(" ")
    if kind not in _FORECASTS:
        return "elasticities alone" if name == "response" else name
    share, _, more = rest.partition(" ")
    return f"{_FORECASTS[kind]}, {share.removesuffix('%')} %{' ' + more if more else ''}"


def elasticity_sentence(elasticity: Document) -> str:
    """By how much less is sold at a price one percent higher."""
    mean, low, high = (abs(Decimal(str(elasticity[name]))) for name in ("mean", "low", "high"))
    first, last = sorted((low, high))
    direction = "less" if Decimal(str(elasticity["mean"])) <= 0 else "more"
    return f"At a price 1 % higher, {mean:.2f} % {direction} is sold; nine in ten between {first:.2f} and {last:.2f}."


def _share(price: Any, now: Any) -> str:
    base = Decimal(str(now))
    if not base:
        return ""
    change = f"{(Decimal(str(price)) - base) / base * 100:+.1f}".replace("-", "\N{MINUS SIGN}")
    return f" ({change} %)"

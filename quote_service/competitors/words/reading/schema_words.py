"""The words of schema.org, Open Graph and merchants' feeds for availability and condition.

Source: schema.org ItemAvailability and OfferItemCondition; Google Merchant Center's product data specification.
"""

import re

from quote_service.competitors.words.found_offers import Availability, Condition

_LETTERS = re.compile(r"[^a-z]")
_AVAILABILITY: dict[str, Availability] = {
    **dict.fromkeys(("instock", "instoreonly", "onlineonly", "available", "yes", "true"), "in_stock"),
    **dict.fromkeys(
        ("limitedavailability", "limitedstock", "limitedsupply", "lastfewitems", "lowstock", "fewleft"), "low_stock"
    ),
    **dict.fromkeys(("preorder", "presale", "reserved"), "preorder"),
    **dict.fromkeys(("backorder", "madetoorder", "availablefororder", "pending"), "backorder"),
    **dict.fromkeys(("outofstock", "soldout", "oos", "no", "false", "unavailable", "notavailable"), "out_of_stock"),
    "discontinued": "discontinued",
}
_CONDITION: dict[str, Condition] = {
    **dict.fromkeys(("new", "newcondition", "brandnew"), "new"),
    **dict.fromkeys(("refurbished", "refurbishedcondition", "renewed", "certifiedrefurbished"), "refurbished"),
    **dict.fromkeys(("used", "usedcondition", "secondhand", "preowned"), "used"),
    **dict.fromkeys(("damaged", "damagedcondition", "forparts"), "damaged"),
}


def availability_of(text: object) -> Availability:
    """What a word or a URL such as `https://schema.org/InStock` says; `unknown` for what is not known."""
    return _AVAILABILITY.get(_last_word(text), "unknown")


def condition_of(text: object) -> Condition:
    """As `availability_of`."""
    return _CONDITION.get(_last_word(text), "unknown")


def _last_word(text: object) -> str:
    if not isinstance(text, str):
        return str(text).lower() if isinstance(text, bool) else ""
    return _LETTERS.sub("", text.strip().rstrip("/").rpartition("/")[2].rpartition("#")[2].lower())

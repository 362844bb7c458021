"""The words of schema.org, Open Graph and merchants' feeds for availability and condition.

Source: schema.org ItemAvailability and OfferItemCondition; Google Merchant Center's product data specification.
"""

import re

from quote_service.intelligence.competitors.model.found_offers import Availability, Condition

_LETTERS = re.compile(r"[\W\d_]")
_LENGTH_MAX = 2000  # whatever says it says it before that
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
# Within a sentence on a page; what says that there is nothing goes first, for `back in stock soon` may follow it.
_WITHIN: tuple[tuple[Availability, re.Pattern[str]], ...] = (
    ("discontinued", re.compile(r"discontinued|nolongeravailable|nichtmehrlieferbar|abgekündigt")),
    (
        "out_of_stock",
        re.compile(
            r"outofstock|soldout|unavailable|not(?:currently)?available|not(?:currently)?instock|nolongerinstock|"
            r"ausverkauft|nicht(?:mehr)?(?:auflager|vorrätig|verfügbar|lieferbar)|vergriffen|rupturedestock|épuisé|indisponible|"
            r"agotado|sinstock|esaurito|nondisponibile|uitverkocht|nietopvoorraad|tükendi|stoktayok|stoklardayok|wyprzedan|"
            r"niedostępn|slutsåld|slutilager|udsolgt|utsolgt|esgotado"
        ),
    ),
    ("preorder", re.compile(r"preorder|vorbestell|précommande|önsipariş")),
    ("backorder", re.compile(r"backorder|soonavailable|baldverfügbar")),
    ("low_stock", re.compile(r"only\w*left|lowinstock|lowstock|fewleft|nurnoch|plusque|songün|sonürün")),
    (
        "in_stock",
        re.compile(
            r"^(?:instock|availablenow|auflager|sofortlieferbar|lieferbar|vorrätig|verfügbar|enstock|disponible|disponibile|"
            r"opvoorraad|stoktavar|stokta|ilager|pålager|dostępny|emestoque)(?!.*(?:soon|bald|bientôt))|(?:yes|now)instock$"
        ),
    ),
)
_CONDITION: dict[str, Condition] = {
    **dict.fromkeys(("new", "newcondition", "brandnew"), "new"),
    **dict.fromkeys(("refurbished", "refurbishedcondition", "renewed", "certifiedrefurbished"), "refurbished"),
    **dict.fromkeys(("used", "usedcondition", "secondhand", "preowned"), "used"),
    **dict.fromkeys(
        ("damaged", "damagedcondition", "forparts", "forpartsornotworking", "newwithdefects", "defekt"), "damaged"
    ),
    # What eBay and Amazon call used goods.
    **dict.fromkeys(
        ("openbox", "openedneverused", "likenew", "verygood", "good", "acceptable", "gebraucht", "occasion"), "used"
    ),
}


def availability_of(text: object) -> Availability:
    """What a word, a sentence or a URL such as `https://schema.org/InStock` says; `unknown` for what is not known."""
    word = _last_word(text)
    if word in _AVAILABILITY:
        return _AVAILABILITY[word]
    return next((availability for availability, within in _WITHIN if within.search(word)), "unknown")


def condition_of(text: object) -> Condition:
    """As `availability_of`; `New other` is new, and `Very Good - Refurbished` is not."""
    word = _last_word(text)
    if word in _CONDITION:
        return _CONDITION[word]
    if "refurbished" in word or "renewed" in word or "generalüberholt" in word:
        return "refurbished"
    if word.startswith(("preowned", "used", "secondhand")):
        return "used"
    return "new" if word.startswith("new") else "unknown"


def _last_word(text: object) -> str:
    if not isinstance(text, str):
        return str(text).lower() if isinstance(text, bool) else ""
    return _LETTERS.sub("", text.strip()[:_LENGTH_MAX].rstrip("/").rpartition("/")[2].rpartition("#")[2].lower())

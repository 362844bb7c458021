"""Prices that schema.org's specifications tell: what anybody pays for one, the list price, and the price for a measure.

Source: schema.org PriceSpecification and UnitPriceSpecification; docs/spec/competitors.md#what-is-read.
"""

from decimal import Decimal
from typing import Any, NamedTuple

from quote_service.intelligence.competitors.model.reading.node_values import Node, text_of
from quote_service.intelligence.competitors.model.reading.price_text import read_amount
from quote_service.intelligence.competitors.model.reading.stated_price import plain_price

_LIST_PRICES = frozenset(("listprice", "strikethroughprice", "msrp", "srp", "regularprice"))
#: How many of a measure are a kilogram, a litre, a metre, a square metre or a piece; UN/CEFACT's codes and customary names.
_MEASURES: dict[str, Decimal] = {
    **dict.fromkeys(("KGM", "KG", "LTR", "L", "MTR", "M", "MTK", "M2", "C62", "H87", "EA", "NMP", "PIECE"), Decimal(1)),
    **dict.fromkeys(("GRM", "G", "MLT", "ML", "MMT", "MM"), Decimal(1000)),
    **dict.fromkeys(("CLT", "CL", "CMT", "CM"), Decimal(100)),
    **dict.fromkeys(("DLT", "DL"), Decimal(10)),
    "LBR": Decimal("2.20462262"),
    "ONZ": Decimal("35.2739619"),
}


def is_list_price(node: Node) -> bool:
    """Whether a specification says what the goods cost before, or should by their maker."""
    kind = text_of(node.get("priceType")) or ""
    return kind.rpartition("/")[2].lower() in _LIST_PRICES


def for_everybody(offers: list[Node]) -> list[Node]:
    """Offers without those for members, for many at once, or for rent."""
    return [offer for offer in offers if not _is_special(offer)]


def _is_special(node: Node) -> bool:
    """Whether a price is not what anybody pays for one: that of members, of a quantity, or a part such as an instalment."""
    if node.get("validForMemberTier") or node.get("priceComponentType") or node.get("billingDuration"):
        return True
    if (text_of(node.get("businessFunction")) or "").lower().endswith("leaseout"):
        return True
    quantity = node.get("eligibleQuantity")
    least = quantity.get("minValue", quantity.get("value")) if isinstance(quantity, dict) else None
    return (read_amount(least, "") or 0) > 1


class Specified(NamedTuple):
    """A price as a specification states it, not read yet; `highest` where it is a range, and `is_least` where it only begins there."""

    stated: Any
    highest: Any = None
    is_least: bool = False


def specified_prices(specified: list[Node]) -> list[Specified]:
    """What anybody pays for one, with tax where both are told; several where nothing says which counts."""
    usual = [node for node in specified if not (is_list_price(node) or measure_of(node) or _is_special(node))]
    with_tax = [node for node in usual if _last_word(node.get("valueAddedTaxIncluded")) == "true"]
    return [_stated(node) for node in with_tax or usual]


def _stated(node: Node) -> Specified:
    price, least, most = (plain_price(node.get(name)) for name in ("price", "minPrice", "maxPrice"))
    if price not in (None, "") or least in (None, ""):
        return Specified(price)
    return Specified(least, most, is_least=most in (None, ""))


def _last_word(value: Any) -> str:
    return str(value).rpartition("/")[2].lower()


def measure_of(node: Node) -> Node | None:
    """What a specification is the price of, where that is a measure."""
    measure = node.get("referenceQuantity")
    return measure if isinstance(measure, dict) else None


def unit_price_of(node: Node, currency: str) -> Decimal | None:
    """The price of a kilogram, a litre or a piece: 19.80 for `1.98 for 100 g`; None where its measure is not known."""
    price = read_amount(node.get("price"), currency)
    measure = measure_of(node) or {}
    quantity = read_amount(measure.get("value", 1), "")
    text = text_of(measure.get("unitCode")) or text_of(measure.get("unitText"))
    size = _MEASURES.get("C62" if text is None else text.upper())
    if price is None or not quantity or size is None:
        return None
    return round(price * size / quantity, 6)

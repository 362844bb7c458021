"""A quote that went through somebody's JSON library, back into the very text that was signed.

Libraries turn 51.00 into 51.0 or 51, change the order of members and escape what they like. The shape below says of
every member how `encode_quote.py` writes it, so that the text can be written again from the values alone. Whatever does
not fit the shape, or has more digits than it can have, was not issued here.

A calculation's inputs are amounts or plain numbers by their name, and stand in one order; whoever gives a step another
input enters it in `_INPUTS`. A test holds all of this against the encoder with random quotes.

Source: spec 2, `signature`.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from quote_service.domain.currencies import EXPONENTS
from quote_service.domain.literals import json_literal
from quote_service.domain.money import amount_text, unit_price_text
from quote_service.domain.numbers import NotANumber, scale_decimal
from quote_service.engine.answer.plain_flags import plain_flags, plain_number_text

_PRICE_PLACES = 6
# Takes a value, its pointer and the currency's minor digits; answers JSON.
_Write = Callable[[Any, str, int], str]


class NotAQuote(ValueError):
    """The document cannot have been issued here; `pointer` says where it shows."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.pointer = pointer
        self.detail = detail


class RestoredQuote(msgspec.Struct, frozen=True):
    """`signed` is the text under the signature; `document` the parsed quote, whose shape has been checked."""

    quote_id: str
    currency: str
    exponent: int
    signature: str
    signed: bytes
    document: dict[str, Any]

    @property
    def data(self) -> bytes:
        """The whole quote in the form in which it is issued, but for the literals of flags."""
        return b'%b,"signature":"%b"}' % (self.signed[:-1], self.signature.encode())


def restore_quote(document: Any) -> RestoredQuote:
    """Write a quote anew.

    Args:
        document: A parsed quote: ints and Decimals for numbers, never floats.

    Raises:
        NotAQuote: It has not the shape of an issued quote.
    """
    if not isinstance(document, dict):
        raise NotAQuote("", "an object is wanted")
    signature, currency = document.get("signature"), document.get("currency")
    if not isinstance(signature, str) or not signature.isascii() or not signature.isprintable():
        raise NotAQuote("/signature", "a signature is wanted")
    exponent = EXPONENTS.get(currency) if isinstance(currency, str) else None
    if exponent is None:
        raise NotAQuote("/currency", "is no currency")
    try:
        text = _QUOTE({name: value for name, value in document.items() if name != "signature"}, "", exponent)
        signed = text.encode()
    except UnicodeEncodeError:
        raise NotAQuote("", "holds text that is no Unicode") from None
    return RestoredQuote(
        quote_id=document["quote_id"],
        currency=document["currency"],
        exponent=exponent,
        signature=signature,
        signed=signed,
        document=document,
    )


class _Member(NamedTuple):
    name: str
    write: _Write
    is_required: bool = True


def _text(value: Any, pointer: str, exponent: int) -> str:
    if not isinstance(value, str):
        raise NotAQuote(pointer, "a text is wanted")
    return msgspec.json.encode(value).decode()


def _number(value: Any, pointer: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise NotAQuote(pointer, "a number is wanted")
    return Decimal(value)


def _scaled(value: Any, pointer: str, places: int) -> int:
    try:
        return scale_decimal(_number(value, pointer), places)
    except NotANumber as refused:
        raise NotAQuote(pointer, str(refused)) from None


def _money(value: Any, pointer: str, exponent: int) -> str:
    return amount_text(_scaled(value, pointer, exponent), exponent)


def _price(value: Any, pointer: str, exponent: int) -> str:
    return unit_price_text(_scaled(value, pointer, _PRICE_PLACES), exponent)


def _plain(value: Any, pointer: str, exponent: int) -> str:
    return plain_number_text(str(Decimal(_number(value, pointer))))


def _whole(value: Any, pointer: str, exponent: int) -> str:
    return str(_scaled(value, pointer, 0))


def _true(value: Any, pointer: str, exponent: int) -> str:
    if value is not True:
        raise NotAQuote(pointer, "is true where it is given")
    return "true"


def _cache(value: Any, pointer: str, exponent: int) -> str:
    # How an answer was found is no part of the price: what is signed says "miss".
    if value not in ("miss", "local", "redis"):
        raise NotAQuote(pointer, "is miss, local or redis")
    return '"miss"'


def _flags(value: Any, pointer: str, exponent: int) -> str:
    if not isinstance(value, dict):
        raise NotAQuote(pointer, "an object is wanted")
    return plain_flags(json_literal({key: value[key] for key in sorted(value)}))


def _or_null(write: _Write) -> _Write:
    return lambda value, pointer, exponent: "null" if value is None else write(value, pointer, exponent)


def _list(write: _Write) -> _Write:
    def write_list(value: Any, pointer: str, exponent: int) -> str:
        if not isinstance(value, list):
            raise NotAQuote(pointer, "a list is wanted")
        return f"[{','.join([write(entry, f'{pointer}/{place}', exponent) for place, entry in enumerate(value)])}]"

    return write_list


def _object(*members: _Member) -> _Write:
    names = {member.name for member in members}

    def write_object(value: Any, pointer: str, exponent: int) -> str:
        if not isinstance(value, dict):
            raise NotAQuote(pointer, "an object is wanted")
        for name in value:
            if name not in names:
                raise NotAQuote(f"{pointer}/{name}", "is not known here")
        parts = []
        for member in members:
            place = f"{pointer}/{member.name}"
            if member.name in value:
                parts.append(f'"{member.name}":{member.write(value[member.name], place, exponent)}')
            elif member.is_required:
                raise NotAQuote(place, "is required")
        return f"{{{','.join(parts)}}}"

    return write_object


def _named(write: _Write, *names: str) -> tuple[_Member, ...]:
    return tuple(_Member(name, write) for name in names)


# Of all steps, in the order in which each step writes those that it has.
_INPUTS: Mapping[str, _Write] = {
    "distance_km": _plain,
    "covered_lines": _whole,
    "rate": _plain,
    "base_amount": _money,
    "percent": _plain,
    "max_discount": _money,
    "platform_funded": _money,
    "base_fee": _money,
    "distance_factor": _plain,
    "per_km": _plain,
    "free_km": _plain,
    "per_kg": _plain,
    "free_kg": _plain,
    "min_fee": _money,
    "max_fee": _money,
    "weight_kg": _plain,
    "multiplier": _plain,
    "threshold": _money,
    "fee": _money,
    "subtotal": _money,
}
_CALCULATION = _object(
    *_named(_text, "step", "description"),
    _Member("amount", _money),
    _Member("rule_id", _text, is_required=False),
    _Member(
        "inputs",
        _object(*(_Member(name, write, is_required=False) for name, write in _INPUTS.items())),
        is_required=False,
    ),
    _Member("included", _true, is_required=False),
)


def _detail_shape(rate: _Write) -> _Write:
    return _object(
        *_named(_text, "product_id", "rate_id"),
        _Member("dimensions", _list(_text)),
        *_named(_text, "commission_type", "scope"),
        _Member("region", _or_null(_text)),
        _Member("base_amount", _money),
        _Member("rate", rate),
        _Member("amount", _money),
        _Member("clamped", _or_null(_text)),
        *_named(_money, "seller_commission", "category_commission", "logistics_commission"),
    )


_FLAT_DETAIL, _OTHER_DETAIL = _detail_shape(_money), _detail_shape(_or_null(_plain))


def _detail(value: Any, pointer: str, exponent: int) -> str:
    is_flat = isinstance(value, dict) and value.get("commission_type") == "FLAT"
    return (_FLAT_DETAIL if is_flat else _OTHER_DETAIL)(value, pointer, exponent)


_TOTALS = (
    *_named(_money, "tax_amount", "delivery_fee", "small_basket_fee", "total_amount"),
    _Member("currency", _text),
)
_ITEM = _object(
    _Member("product_id", _text),
    _Member("variant_id", _or_null(_text)),
    _Member("seller_id", _text),
    _Member("quantity", _whole),
    *_named(_price, "list_price", "unit_price"),
    *_named(_money, "line_total", "discount_amount", "tax_amount"),
    _Member("price_source", _text),
    _Member(
        "price_adjustments",
        _list(_object(*_named(_text, "kind", "flash_sale_id"), _Member("amount", _price))),
    ),
)
_COMMISSION = _object(
    *_named(_money, "total_commission", "seller_commission", "category_commission", "logistics_commission"),
    _Member("currency", _text),
    _Member("details", _list(_detail)),
)
_QUOTE = _object(
    _Member("quote_id", _text),
    _Member("external_ref", _or_null(_text)),
    *_named(_money, "subtotal", "discount_amount"),
    *_TOTALS,
    _Member("items", _list(_ITEM)),
    _Member(
        "coupons",
        _list(_object(*_named(_text, "code", "status"), _Member("reason", _or_null(_text)), _Member("amount", _money))),
    ),
    _Member("commission_breakdown", _COMMISSION),
    _Member(
        "payouts",
        _list(
            _object(
                _Member("seller_id", _text), *_named(_money, "item_total", "seller_discount", "commission", "payout")
            )
        ),
    ),
    _Member("platform_funded_discount", _money),
    _Member(
        "pricing_breakdown",
        _object(*_named(_money, "item_total", "subtotal"), *_TOTALS, _Member("calculations", _list(_CALCULATION))),
    ),
    _Member(
        "applied_rules",
        _list(
            _object(
                *_named(_text, "id", "name", "type"), _Member("version", _whole), _Member("region", _or_null(_text))
            )
        ),
    ),
    _Member("feature_flags", _flags),
    *_named(_text, "valid_from", "valid_until"),
    _Member("cache", _cache),
    _Member("warnings", _list(_object(*_named(_text, "code", "detail"), _Member("pointer", _text, is_required=False)))),
)

"""What is kept of a quote, as bytes: the quote until it ends, and of its request what its price can be explained with.

Nothing that the request said beyond that: fields that nobody reads, the street, the browser, the session. So what is
kept has no more bytes than the basket has content, however much a sender puts around it, and holds no more about a person
than the price asks for.

Source: docs/spec/quotes.md#caching.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from quote_service.pricing.basket import Address, Basket, BasketContext
from quote_service.quotes.model.kept_quote import KeptEcho, KeptFloors, KeptQuote

_encode: Final = msgspec.json.Encoder().encode


class _Customer(msgspec.Struct):
    customer_id: str


_read_floors: Final[Callable[[bytes], KeptFloors]] = msgspec.json.Decoder(KeptFloors).decode
_read_customer: Final[Callable[[bytes], _Customer]] = msgspec.json.Decoder(_Customer).decode
_pack: Final = msgspec.msgpack.Encoder().encode
_unpack: Final[Callable[[bytes], KeptQuote]] = msgspec.msgpack.Decoder(KeptQuote).decode
_read_echo: Final[Callable[[bytes], KeptEcho]] = msgspec.json.Decoder(KeptEcho).decode


def kept_request(basket: Basket, floors_minor: list[int] | None = None) -> bytes:
    """The JSON of a checked basket with only what can change its price, its flags or its explanation.

    Args:
        basket: The basket.
        floors_minor: What its lines were held at (`Quote.floors_minor`): the catalog of the instant is not kept.
    """
    pickup, context = basket.pickup_address, basket.context
    group = context.ab_test_group if context is not None else None
    kept = _encode(
        Basket(
            basket.customer_id,
            basket.seller_id,
            basket.items,
            _place(basket.delivery_address),
            basket.currency,
            _place(pickup) if pickup is not None else None,
            basket.is_express_delivery,
            basket.coupon_codes or None,
            BasketContext(ab_test_group=group) if group is not None else None,
            basket.logistics_provider,
            basket.customer_tier,
            basket.customer_segments or None,
        )
    )
    return b'%b,"floors_minor":%b}' % (kept[:-1], _encode(floors_minor)) if floors_minor else kept


def floors_of(request: bytes) -> list[int] | None:
    """What the lines of a request that was quoted were held at; None where no discount asked, or no line has a bound."""
    return _read_floors(request).floors_minor if b'"floors_minor":' in request else None


def customer_of(request: bytes) -> str:
    """The customer of a request that was quoted."""
    return _read_customer(request).customer_id.lower()


def _place(address: Address) -> Address:
    if address.street is None:
        return address
    return Address(address.city, address.country, None, address.district, address.latitude, address.longitude)


def pack_quote(quote: KeptQuote) -> bytes:
    """The bytes that are stored. Every release finds the data where the first one kept it, and reads no more than it knows."""
    return _pack(quote if quote.earlier is None else _swapped(quote))


def echoed_reference(data: bytes) -> str | None:
    """The `external_ref` that the data of a quote echoes."""
    return _read_echo(data).external_ref


def unpack_quote(packed: bytes) -> KeptQuote:
    """Read stored bytes.

    Raises:
        msgspec.MsgspecError: They are no kept quote.
    """
    quote = _unpack(packed)
    return quote if quote.earlier is None else _swapped(quote)


def _swapped(quote: KeptQuote) -> KeptQuote:
    data = quote.earlier
    assert data is not None
    return msgspec.structs.replace(quote, data=data, earlier=quote.data)

"""What the decoder takes and what it refuses, and with which pointer."""

import json
from typing import Any

import pytest

from quote_service.platform.system.errors import Invalid, Malformed
from quote_service.pricing.quote import NOT_PRICED
from quote_service.quotes.reading.decode_basket import decode_basket
from tests.quotes.decoding.bodies import CUSTOMER, PRODUCT, SELLER, body_of, full, set_at, with_literal


def pointers(body: bytes) -> list[str]:
    with pytest.raises(Invalid) as refused:
        decode_basket(body)
    return [fault.pointer for fault in refused.value.faults]


def written(pointer: str, literal: str | bytes) -> bytes:
    """The full request with one value written as the very bytes of `literal`."""
    return with_literal(set_at(full(), pointer, "<here>"), "<here>", literal)


def test_a_full_basket_is_read_exactly() -> None:
    checked = decode_basket(body_of(full()))
    assert checked.unit_prices_micro == [25_500_000]
    assert checked.weight_pico == 2 * 500_000_000_000
    assert checked.exponent == 2
    assert checked.basket.items[0].product_id == PRODUCT
    assert checked.basket.context is not None
    assert checked.basket.context.ab_test_group == "group_a"


def test_the_least_basket_is_read() -> None:
    request = {
        "customer_id": CUSTOMER,
        "seller_id": SELLER,
        "items": [{"product_id": PRODUCT, "quantity": 1, "unit_price": 0}],
        "delivery_address": {"city": "Ürgüp", "country": "TR"},
        "currency": "JPY",
    }
    checked = decode_basket(body_of(request))
    assert checked.basket.is_express_delivery is False
    assert (checked.exponent, checked.unit_prices_micro, checked.weight_pico) == (0, [0], 0)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"{",
        b'{"customer_id": }',
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b"not json",
        body_of(full()) + b"x",
        body_of(full()) * 2,
        body_of(full())[:-1],
        body_of(full()).replace(b"Istanbul", b"Istan\xffbul", 1),
        body_of(full()).replace(b"Istanbul", b"Istan\x01bul", 1),
        body_of(full())[:-1] + b', "\xff": 1}',
        written("/items/0/unit_price", b'"\xff"'),
        written("/items/0/unit_price", "NaN"),
        written("/items/0/unit_price", "Infinity"),
        written("/items/0/unit_price", "-Infinity"),
        written("/items/0/unit_price", "01"),
        written("/items/0/unit_price", "1."),
        written("/items/0/unit_price", ".5"),
        written("/items/0/unit_price", "+1"),
        written("/items/0/unit_price", "0x10"),
        written("/delivery_address/latitude", "NaN"),
        written("/external_ref", "NaN"),
        written("/unknown", "NaN"),
        b"[" * 100_000,
        b'{"a":' * 100_000,
        written("/unknown", "[" * 100_000 + "]" * 100_000),
        written("/unknown", '{"a":' * 100_000 + "1" + "}" * 100_000),
        written("/items/0/tags", "[" * 70 + "]" * 70),
    ],
)
def test_what_is_no_json_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        decode_basket(body)


@pytest.mark.parametrize("document", [None, [], "text", 1, True])
def test_a_body_must_be_an_object(document: Any) -> None:
    assert pointers(json.dumps(document).encode()) == [""]


@pytest.mark.parametrize("name", ["customer_id", "seller_id", "items", "delivery_address", "currency"])
def test_a_required_field_is_missed(name: str) -> None:
    request = full()
    del request[name]
    assert pointers(body_of(request)) == [f"/{name}"]


@pytest.mark.parametrize(
    "pointer",
    [
        "/items/0/product_id",
        "/items/0/quantity",
        "/delivery_address/city",
        "/delivery_address/country",
        "/pickup_address/city",
    ],
)
def test_a_required_field_within_is_missed(pointer: str) -> None:
    request = full()
    *path, last = pointer.strip("/").split("/")
    holder: Any = request
    for token in path:
        holder = holder[int(token)] if isinstance(holder, list) else holder[token]
    del holder[last]
    assert pointers(body_of(request)) == [pointer]


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/customer_id", 7),
        ("/customer_id", None),
        ("/customer_id", "not-a-uuid"),
        ("/customer_id", CUSTOMER + "0"),
        ("/customer_id", "{" + CUSTOMER.replace("-", "") + "}"),
        ("/customer_id", "urn:uuid:" + CUSTOMER[:27]),
        ("/customer_id", CUSTOMER.replace("3f1c2f5e", "3f1c_f5e")),
        ("/customer_id", CUSTOMER.replace("3f1c2f5e", "+f1c2f5e")),
        ("/customer_id", CUSTOMER.replace("3f1c2f5e", " f1c2f5e")),
        ("/customer_id", CUSTOMER.replace("3", "３", 1)),
        ("/customer_id", CUSTOMER.replace("3", "٣", 1)),
        ("/customer_id", CUSTOMER[:8] + CUSTOMER[9:] + "-"),
        ("/seller_id", ""),
        ("/items/0/product_id", "b1c2d3e4-f5a6-4b7c-8d9e-0f1a2b3c4d5g"),
        ("/items/0/variant_id", 1),
        ("/items/0/category_id", "x" * 36),
        ("/items/0/seller_id", "," * 36),
        ("/items", None),
        ("/items", {}),
        ("/items", []),
        ("/items/0", "line"),
        ("/items/0", None),
        ("/items/0/quantity", 0),
        ("/items/0/quantity", -1),
        ("/items/0/quantity", 1_000_001),
        ("/items/0/quantity", 2.5),
        ("/items/0/quantity", 2.0),
        ("/items/0/quantity", "2"),
        ("/items/0/quantity", True),
        ("/items/0/quantity", None),
        ("/items/0/quantity", 10**30),
        ("/items/0/unit_price", True),
        ("/items/0/unit_price", []),
        ("/items/0/unit_price", {}),
        ("/items/0/unit_price", -1),
        ("/items/0/unit_price", -0.01),
        ("/items/0/unit_price", 10**13),
        ("/items/0/unit_price", "10000000000000"),
        ("/items/0/unit_price", "1_0"),
        ("/items/0/unit_price", " 1"),
        ("/items/0/unit_price", "1 "),
        ("/items/0/unit_price", "1,5"),
        ("/items/0/unit_price", "+1"),
        ("/items/0/unit_price", "007"),
        ("/items/0/unit_price", ""),
        ("/items/0/unit_price", "NaN"),
        ("/items/0/unit_price", "Infinity"),
        ("/items/0/unit_price", "1e5000"),
        ("/items/0/unit_price", "٣"),
        ("/items/0/unit_price", "0.0000001"),
        ("/items/0/weight", -0.1),
        ("/items/0/weight", "heavy"),
        ("/items/0/weight", False),
        ("/items/0/weight", 10**9),
        ("/items/0/tags", "electronics"),
        ("/items/0/tags/1", 5),
        ("/delivery_address", None),
        ("/delivery_address", "Istanbul"),
        ("/delivery_address/city", ""),
        ("/delivery_address/city", "x" * 101),
        ("/delivery_address/city", 34),
        ("/delivery_address/country", "Turkey"),
        ("/delivery_address/country", "tr"),
        ("/delivery_address/country", "XX"),
        ("/delivery_address/district", "x" * 101),
        ("/delivery_address/latitude", None),
        ("/delivery_address/longitude", None),
        ("/delivery_address/latitude", 90.000001),
        ("/delivery_address/longitude", -180.5),
        ("/delivery_address/latitude", "41.0"),
        ("/pickup_address/latitude", None),
        ("/pickup_address/country", "ZZ"),
        ("/is_express_delivery", "true"),
        ("/is_express_delivery", 1),
        ("/coupon_codes", "SAVE20"),
        ("/coupon_codes", ["A"] * 21),
        ("/coupon_codes/0", 20),
        ("/coupon_codes/0", "x" * 201),
        ("/currency", "try"),
        ("/currency", "XAU"),
        ("/currency", "XYZ"),
        ("/currency", "TR"),
        ("/currency", 949),
        ("/context", []),
        ("/context/ab_test_group", 1),
        ("/logistics_provider", 1),
        ("/customer_segments", ["a", 1]),
        ("/external_ref", "x" * 201),
    ],
)
def test_a_field_that_does_not_fit_is_pointed_at(pointer: str, value: Any) -> None:
    place = pointer + "/1" if value == ["a", 1] else pointer
    assert pointers(body_of(set_at(full(), pointer, value))) == [place]


@pytest.mark.parametrize(
    ("pointer", "literal"),
    [
        ("/items/0/unit_price", "1e400"),
        ("/items/0/unit_price", "-1e400"),
        ("/items/0/unit_price", "1e-400"),
        ("/items/0/unit_price", "1e13"),
        ("/items/0/unit_price", "9" * 70),
        ("/items/0/unit_price", "9" * 5000),
        ("/items/0/unit_price", "0." + "9" * 70),
        ("/items/0/unit_price", '"\\ud800"'),
        ("/items/0/unit_price", '"\\u0000"'),
        ("/items/0/weight", "1e400"),
        ("/items/0/quantity", "1e400"),
        ("/items/0/quantity", "2e0"),
        ("/items/0/quantity", "9" * 5000),
        ("/delivery_address/latitude", "1e400"),
        ("/delivery_address/street", '"\\ud800"'),
        ("/delivery_address/city", '"\\u0000"'),
        ("/delivery_address/city", '"Urg\\u0000\\u00fcp"'),
        ("/coupon_codes/0", '"\\udfff\\ud800"'),
        ("/external_ref", '"a\\u0000"'),
    ],
)
def test_a_literal_that_cannot_be_kept_is_pointed_at(pointer: str, literal: str) -> None:
    assert pointers(written(pointer, literal)) == [pointer]


@pytest.mark.parametrize("literal", ["null", None])
def test_a_price_may_be_left_to_the_catalog(literal: str | None) -> None:
    line = full()["items"][0]
    without = {name: value for name, value in line.items() if name != "unit_price"}
    other = {**line, "unit_price": "<here>"} if literal else without
    body = (
        with_literal(full() | {"items": [line, other]}, "<here>", literal)
        if literal
        else body_of(full() | {"items": [line, other]})
    )
    for spelling in (body, body.replace(CUSTOMER.encode(), CUSTOMER.upper().encode())):
        checked = decode_basket(spelling)
        assert checked.unit_prices_micro == [25_500_000, NOT_PRICED]
        assert checked.lacks_prices
    assert not decode_basket(body_of(full())).lacks_prices


def test_every_fault_is_named_in_the_order_of_the_fields() -> None:
    request = full()
    request["customer_id"] = 1
    request["items"] = [request["items"][0] | {"quantity": 0}, request["items"][0] | {"unit_price": "x"}, 3]
    del request["delivery_address"]["city"]
    request["currency"] = "x"
    assert pointers(body_of(request)) == [
        "/customer_id",
        "/items/0/quantity",
        "/items/1/unit_price",
        "/items/2",
        "/delivery_address/city",
        "/currency",
    ]


def test_no_message_names_a_class_of_ours() -> None:
    for literal in ("2.5", "2e0", "-0", "1.50"):
        with pytest.raises(Invalid) as refused:
            decode_basket(written("/items/0/quantity", literal))
        (fault,) = refused.value.faults
        assert "Exact" not in fault.detail
        assert "_" not in fault.detail


def test_500_items_fit_and_501_do_not() -> None:
    line = full()["items"][0]
    assert len(decode_basket(body_of(full() | {"items": [line] * 500})).unit_prices_micro) == 500
    assert pointers(body_of(full() | {"items": [line] * 501})) == ["/items"]


def test_a_basket_of_10_to_the_13_is_too_much_even_where_no_line_is() -> None:
    line = full()["items"][0]
    assert pointers(body_of(full() | {"items": [line | {"unit_price": 10**12, "quantity": 10}]})) == [
        "/items/0",
        "/items",
    ]
    half = line | {"unit_price": 5 * 10**12, "quantity": 1}
    assert pointers(body_of(full() | {"items": [half, half]})) == ["/items"]
    assert decode_basket(body_of(full() | {"items": [half]})).unit_prices_micro == [5 * 10**18]


# One name twice within one object, and how the second mention can hide from a decoder that only counts.
REPEATED = [
    ('"currency": "TRY"', '"currency": "TRY", "currency": "TRY"', "/currency"),
    ('"currency": "TRY"', '"currency": "USD", "currency": "TRY"', "/currency"),
    ('"currency": "TRY"', '"currency" : "TRY", "currency": "TRY"', "/currency"),
    ('"currency": "TRY"', '"currency"\n:\n"TRY", "currency": "TRY"', "/currency"),
    ('"currency": "TRY"', '"currency": "TRY", "external_ref": ":null", "currency": "TRY"', "/currency"),
    ('"currency": "TRY"', '"currency": "TRY", "external_ref": "a\\":b", "currency" : "TRY"', "/currency"),
    ('"currency": "TRY"', '"currency": "TRY", "curr\\u0065ncy": "TRY"', "/currency"),
    ('"quantity": 2', '"quantity": 2, "quantity": 3', "/items/0/quantity"),
    ('"quantity": 2', '"quantity" : 2, "quantity": 3', "/items/0/quantity"),
    ('"quantity": 2', '"quantity"\t: 2, "quantity" : 3', "/items/0/quantity"),
    ('"quantity": 2', '"seller_id": null, "quantity": 2, "quantity": 3', "/items/0/quantity"),
    ('"quantity": 2', f'"quantity": 2, "seller_id": null, "seller_id": "{SELLER}"', "/items/0/seller_id"),
    ('"quantity": 2', '"quantity": 2, "seller_id": null, "seller_id": null', "/items/0/seller_id"),
    ('"city": "Istanbul", "district"', '"city": "Ankara", "city": "Istanbul", "district"', "/delivery_address/city"),
    ('"session_id"', '"session_id": "s", "session_id"', "/context/session_id"),
    (
        '"is_express_delivery": true',
        '"is_express_delivery": false, "is_express_delivery": true',
        "/is_express_delivery",
    ),
    (
        '"is_express_delivery": true',
        '"external_ref": "is_express_delivery", "coupon_codes": ["B"]',
        "/coupon_codes",
    ),
    (
        '"is_express_delivery": true, "coupon_codes": ["SAVE20"]',
        '"is_express_delivery": false, "is_express_delivery": false',
        "/is_express_delivery",
    ),
    (
        '"is_express_delivery": true, "coupon_codes": ["SAVE20"]',
        '"coupon_codes": ["is_express_delivery"], "coupon_codes": ["is_express_delivery"]',
        "/coupon_codes",
    ),
]


@pytest.mark.parametrize(("once", "twice", "pointer"), REPEATED)
def test_a_name_given_twice_is_pointed_at(once: str, twice: str, pointer: str) -> None:
    body = body_of(full())
    assert body.count(once.encode()) == 1
    assert pointers(body.replace(once.encode(), twice.encode())) == [pointer]


@pytest.mark.parametrize(
    ("literal", "price_micro"),
    [
        ('"25.50"', 25_500_000),
        ("25.50", 25_500_000),
        ("0.000001", 1),
        ("1e-6", 1),
        ("1E2", 100_000_000),
        ("1e+2", 100_000_000),
        ("-0", 0),
        ("-0.0", 0),
        ("0e-300", 0),
        ("1.00000000000000000000", 1_000_000),
        ("1" + "0" * 57 + "e-63", 1),
        ('"\\u0031"', 1_000_000),
        ("9999999.999999", 9_999_999_999_999),
        ("0.1", 100_000),
    ],
)
def test_a_price_is_read_to_the_digit_on_either_path(literal: str, price_micro: int) -> None:
    body = written("/items/0/unit_price", literal)
    assert decode_basket(body).unit_prices_micro == [price_micro]
    # An identifier in capitals is what sends a body down the long way.
    assert decode_basket(body.replace(CUSTOMER.encode(), CUSTOMER.upper().encode())).unit_prices_micro == [price_micro]


@pytest.mark.parametrize(
    ("literal", "weight_pico"),
    [("0.5", 10**12), ('"0.5"', 10**12), ("null", 0), ("0.1234567890126", 246_913_578_026), ("1e-300", 0)],
)
def test_a_weight_past_the_nanogram_is_rounded(literal: str, weight_pico: int) -> None:
    assert decode_basket(written("/items/0/weight", literal)).weight_pico == weight_pico


@pytest.mark.parametrize(
    "write", [str.upper, lambda text: text.replace("-", ""), lambda text: text.upper().replace("-", "")]
)
def test_identifiers_come_out_in_their_canonical_form(write: Any) -> None:
    request = full()
    request["customer_id"], request["seller_id"] = write(CUSTOMER), write(SELLER)
    line = request["items"][0]
    for name in ("product_id", "variant_id", "category_id"):
        line[name] = write(line[name])
    line["seller_id"] = write(SELLER)
    checked = decode_basket(body_of(request))
    plain = decode_basket(body_of(set_at(full(), "/items/0/seller_id", SELLER)))
    assert (checked.basket, checked.unit_prices_micro) == (plain.basket, plain.unit_prices_micro)


@pytest.mark.parametrize(
    "literal",
    [
        "1",
        "null",
        '"text"',
        '{"a": {"b": [1, {"c": null}]}}',
        '{"a": 1, "a": 2}',
        "1e400",
        "9" * 100,
        "9" * 5000,
        '"\\ud800"',
        '"\\u0000"',
        "[" * 60 + "]" * 60,
    ],
)
@pytest.mark.parametrize("pointer", ["/", "/items/0/", "/delivery_address/", "/context/", "/pickup_address/"])
def test_fields_that_are_not_ours_are_ignored_whatever_they_hold(pointer: str, literal: str) -> None:
    plain = decode_basket(body_of(full()))
    for name in ("basket_total", "ünïcode", "a/b~c", "tags" if pointer == "/" else "coupon_codes"):
        holder = pointer + "<name>"
        body = with_literal(set_at(full(), holder, "<here>"), "<here>", literal)
        body = body.replace(b'"<name>"', json.dumps(name).encode())
        checked = decode_basket(body)
        assert (checked.basket, checked.weight_pico) == (plain.basket, plain.weight_pico)


@pytest.mark.parametrize(
    "name",
    [
        "pickup_address",
        "coupon_codes",
        "context",
        "logistics_provider",
        "customer_tier",
        "customer_segments",
        "external_ref",
    ],
)
def test_an_optional_field_may_be_null(name: str) -> None:
    checked = decode_basket(body_of(full() | {name: None}))
    assert getattr(checked.basket, name) is None


def test_texts_of_every_script_are_kept() -> None:
    request = full()
    request["delivery_address"]["city"] = 'Şanlıurfa 東京 Москва القاهرة 👩‍👩‍👧 \u0130\u0131 \\ " \t'
    request["coupon_codes"] = ["İNDİRİM", "夏", "🎉"]
    for ascii_only in (True, False):
        checked = decode_basket(json.dumps(request, ensure_ascii=ascii_only).encode())
        assert checked.basket.delivery_address.city == request["delivery_address"]["city"]
        assert checked.basket.coupon_codes == request["coupon_codes"]

"""The quick way through the decoder and the long one agree on every body, however it is spelt."""

import json
from random import Random
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.system.errors import QuoteServiceError
from quote_service.platform.system.identifiers import all_canonical, canonical
from quote_service.pricing.basket import NOT_GIVEN
from quote_service.pricing.quote import CheckedBasket
from quote_service.quotes.reading.basket_faults import explain_basket
from quote_service.quotes.reading.decode_basket import _check_again, decode_basket
from tests.pricing.laws import laws
from tests.quotes.decoding.bodies import CATEGORY, CUSTOMER, PRODUCT, SELLER, VARIANT

HOSTILE_TEXTS = ['":', ":null", '":null', "is_express_delivery", '"is_express_delivery":', "\\", '\\"', "a:b", " :", ""]
PLAIN_NUMBERS = ["0", "1", "25.5", "25.50", "0.000001", "9999999999999", "12345.678901", '"1.5"']
ODD_NUMBERS = ["-0", "1e2", "1E-6", "0e-99", "1e13", "1e300", "-1", "2.50000000", "null", "true", '"x"', "{}", "1e400"]
BLANKS = ["", "", "", " ", "\n", "\t", "  ", "\r\n "]


class Literal(str):
    """JSON as it is to be written."""


class Bender:
    """Writes a request in which, so many times in a hundred, something is odd.

    Hypothesis gives the texts and the seed; a draw for each oddity would cost a hundred times more.
    """

    def __init__(self, seed: int, oddities: int, texts: list[str]) -> None:
        self.random = Random(seed)
        self.oddities = oddities
        self.texts = texts + HOSTILE_TEXTS
        self.ascii_only = self.random.random() < 0.5

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def text(self) -> str:
        return self.random.choice(self.texts)

    def number(self) -> Literal:
        return Literal(self.random.choice(PLAIN_NUMBERS + ODD_NUMBERS if self.chance(self.oddities) else PLAIN_NUMBERS))

    def odd(self, value: Any) -> Any:
        return self.random.choice([None, self.text(), self.number()]) if self.chance(self.oddities) else value

    def identifier(self, value: str) -> str:
        spelt = value.upper() if self.chance(self.oddities) else value
        return spelt.replace("-", "") if self.chance(self.oddities) else spelt

    def document(self, required: dict[str, Any], optional: dict[str, Any]) -> list[tuple[str, Any]]:
        members = [(name, self.odd(value)) for name, value in required.items()]
        members += [(name, self.odd(value)) for name, value in optional.items() if self.chance(50)]
        if self.chance(self.oddities):
            members.append((self.text(), self.random.choice([self.text(), self.number(), [("a", []), ("a", 1)]])))
        if members and self.chance(self.oddities):
            members.append(self.random.choice(members))
        if self.chance(self.oddities):
            self.random.shuffle(members)
        return members or [("x", 1)]

    def place(self) -> Any:
        coordinates = {"latitude": 41.5, "longitude": -0.25} if self.chance(50) else {}
        city = {"city": self.text() or "x", "country": "TR"}
        return self.document(city | coordinates, {"district": self.text(), "street": self.text()})

    def item(self) -> Any:
        return self.document(
            {
                "product_id": self.identifier(PRODUCT),
                "quantity": self.random.choice([1, 2, 1_000_000]),
                "unit_price": self.number(),
            },
            {
                "variant_id": self.identifier(VARIANT),
                "category_id": self.identifier(CATEGORY),
                "seller_id": self.identifier(SELLER),
                "tags": [self.text(), self.text()],
                "weight": self.number(),
            },
        )

    def request(self) -> Any:
        return self.document(
            {
                "customer_id": self.identifier(CUSTOMER),
                "seller_id": self.identifier(SELLER),
                "items": [self.item() for _ in range(self.random.randint(1, 3))],
                "delivery_address": self.place(),
                "currency": "TRY",
            },
            {
                "pickup_address": self.place(),
                "is_express_delivery": self.chance(50),
                "coupon_codes": [self.text()],
                "context": self.document({}, {"user_agent": self.text(), "ab_test_group": self.text()}),
                "external_ref": self.text(),
                "customer_segments": [self.text(), self.text()],
            },
        )

    def write(self, value: Any) -> str:
        if isinstance(value, Literal):
            return value
        if isinstance(value, list) and value and isinstance(value[0], tuple):
            return "{" + ",".join(f"{self.name(n)}{self.blank()}:{self.blank()}{self.write(v)}" for n, v in value) + "}"
        if isinstance(value, list):
            return "[" + ",".join(self.blank() + self.write(entry) for entry in value) + "]"
        return json.dumps(value, ensure_ascii=self.ascii_only)

    def name(self, name: str) -> str:
        return json.dumps(name, ensure_ascii=self.ascii_only)

    def blank(self) -> str:
        return self.random.choice(BLANKS) if self.oddities else ""


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Requests in which anything may be odd: spelling, blanks, nulls, unknown fields, names given twice."""
    oddities = draw(st.sampled_from([0, 1, 3, 10]))
    bender = Bender(draw(st.integers(0, 2**32)), oddities, draw(st.lists(st.text(max_size=8), max_size=4)))
    return bender.write(bender.request()).encode("utf-8", "surrogatepass")


def outcome(body: bytes, decode: Any) -> Any:
    """What a decoder makes of a body, without the raw numbers, which the two ways spell differently."""
    try:
        checked: CheckedBasket = decode(body)
    except QuoteServiceError as refused:
        return type(refused), refused.detail, refused.faults
    basket = msgspec.structs.replace(
        checked.basket,
        items=[msgspec.structs.replace(item, unit_price=NOT_GIVEN, weight=NOT_GIVEN) for item in checked.basket.items],
    )
    return basket, checked.unit_prices_micro, checked.weight_pico, checked.exponent


@laws(800)
@given(bodies())
def test_the_quick_way_and_the_long_way_agree(body: bytes) -> None:
    assert outcome(body, decode_basket) == outcome(body, lambda body: _check_again(explain_basket(body)))


@laws(800)
@given(st.binary(max_size=60))
def test_any_bytes_are_refused_in_a_decided_way(body: bytes) -> None:
    refused, *_ = outcome(body, decode_basket)
    assert isinstance(refused, type)


@laws(800)
@given(bodies(), st.data())
def test_a_body_cut_or_bent_anywhere_is_refused_in_a_decided_way_or_read(body: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(body) - 1))
    bent = body[:at] + data.draw(st.binary(max_size=2)) + body[at + data.draw(st.integers(0, 2)) :]
    assert outcome(bent, decode_basket) == outcome(bent, lambda body: _check_again(explain_basket(body)))


@laws(200)
@given(
    st.lists(
        st.one_of(st.uuids().map(str), st.text(alphabet="0123456789abcdefABCDEF-,_+ ٣", min_size=32, max_size=36)),
        max_size=4,
    )
)
def test_only_canonical_identifiers_pass_as_canonical(identifiers: list[str]) -> None:
    assert all_canonical(identifiers) is all(canonical(each) == each for each in identifiers)


@laws(100)
@given(st.uuids())
def test_every_spelling_of_a_uuid_has_one_canonical_form(identifier: Any) -> None:
    text = str(identifier)
    assert {canonical(text), canonical(text.upper()), canonical(identifier.hex), canonical(identifier.hex.upper())} == {
        text
    }

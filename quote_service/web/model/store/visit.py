"""What the browser of a visitor keeps for the store: a secret of its own, the basket, and where it is to go.

It is one cookie, which is read like anything else that comes from outside: what does not fit is a new visit.

Source: docs/spec/store.md#visitors; docs/decisions/store-basket.md.
"""

import base64
import binascii
import secrets
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec.structs import replace

LINES_MAX: Final = 30
QUANTITY_MAX: Final = 999
_SECRET_BYTES = 16
_TEXT_MAX = 3500
_Id = Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
_Place = Annotated[str, msgspec.Meta(max_length=60)]


class VisitLine(msgspec.Struct, frozen=True, array_like=True):
    """So many of one product, or of a variant of it."""

    product: _Id
    variant: _Id | None
    quantity: Annotated[int, msgspec.Meta(ge=1, le=QUANTITY_MAX)]

    @property
    def product_id(self) -> str:
        """The product."""
        return str(UUID(bytes=self.product))

    @property
    def variant_id(self) -> str | None:
        """The variant; None for the product itself."""
        return None if self.variant is None else str(UUID(bytes=self.variant))


class Visit(msgspec.Struct, frozen=True, array_like=True):
    """A visit; nobody but the browser keeps it."""

    secret: Annotated[bytes, msgspec.Meta(min_length=_SECRET_BYTES, max_length=_SECRET_BYTES)]
    lines: Annotated[list[VisitLine], msgspec.Meta(max_length=LINES_MAX)] = []
    country: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")] = "TR"
    city: Annotated[str, msgspec.Meta(min_length=1, max_length=60)] = "Istanbul"
    district: _Place = ""
    coupon: Annotated[str, msgspec.Meta(max_length=40)] = ""
    is_express: bool = False

    @property
    def units(self) -> int:
        """How many units are in the basket."""
        return sum(line.quantity for line in self.lines)

    @property
    def place(self) -> str:
        """Where it is to go, for people."""
        return ", ".join(part for part in (self.district, self.city, self.country) if part)

    @property
    def region(self) -> str:
        """The same, for prices."""
        return f"{self.country}/{self.city.replace('/', ' ').strip()}"

    def with_line(self, product_id: UUID, variant_id: UUID | None, quantity: int) -> "Visit":
        """With more of a product; a basket that is full stays as it is."""
        added = VisitLine(product_id.bytes, None if variant_id is None else variant_id.bytes, 1)
        lines = []
        is_there = False
        for line in self.lines:
            if (line.product, line.variant) == (added.product, added.variant):
                is_there = True
                lines.append(replace(line, quantity=_held(line.quantity + quantity)))
            else:
                lines.append(line)
        if not is_there and len(lines) < LINES_MAX:
            lines.append(replace(added, quantity=_held(quantity)))
        return replace(self, lines=lines)

    def with_quantities(self, quantities: list[int]) -> "Visit":
        """With other quantities of its lines, in their order; a line of none goes."""
        pairs = zip(self.lines, quantities, strict=False)
        lines = [replace(line, quantity=_held(quantity)) for line, quantity in pairs if quantity > 0]
        return replace(self, lines=[*lines, *self.lines[len(quantities) :]])

    def without(self, ordered: dict[tuple[str, str | None], int]) -> "Visit":
        """With so many less of each product, or of a variant of it."""
        return self.with_quantities(
            [line.quantity - ordered.get((line.product_id, line.variant_id), 0) for line in self.lines]
        )

    def holds(self, ordered: dict[tuple[str, str | None], int]) -> bool:
        """Whether there are so many of each of them."""
        there = {(line.product_id, line.variant_id): line.quantity for line in self.lines}
        return all(there.get(key, 0) >= quantity for key, quantity in ordered.items())

    def items(self) -> list[dict[str, Any]]:
        """The lines as a quote is asked for."""
        return [
            {
                "product_id": line.product_id,
                "quantity": line.quantity,
                **({} if line.variant_id is None else {"variant_id": line.variant_id}),
            }
            for line in self.lines
        ]

    def address(self) -> dict[str, str]:
        """Where to, as a quote is asked for."""
        district = {"district": self.district} if self.district else {}
        return {"country": self.country, "city": self.city, **district}


_decoder = msgspec.msgpack.Decoder(Visit)


def new_visit() -> Visit:
    """Of a browser that has been here never before."""
    return Visit(secrets.token_bytes(_SECRET_BYTES))


def read_visit(text: str) -> Visit | None:
    """What a cookie holds; None where it is none of ours."""
    if len(text) > _TEXT_MAX or not text.isascii():
        return None
    try:
        return _decoder.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, msgspec.DecodeError):
        return None


def write_visit(visit: Visit) -> str:
    """The same for a cookie."""
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(visit)).decode().rstrip("=")


def _held(quantity: int) -> int:
    return max(1, min(QUANTITY_MAX, quantity))

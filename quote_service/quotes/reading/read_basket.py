"""Baskets that are read with more care than most: a shopper's, and those whose sender is warned of every field that is ignored.

Source: docs/spec/wire.md#unknown-fields; docs/spec/quotes.md#shoppers.
"""

from itertools import islice
from typing import NamedTuple

import msgspec

from quote_service.platform.documents.exact_json import parse_json
from quote_service.platform.system.errors import Fault, Forbidden, Invalid
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.quote import CheckedBasket
from quote_service.quotes.model.shopper_basket import shopper_faults
from quote_service.quotes.reading.decode_basket import decode_basket
from quote_service.quotes.reading.unknown_fields import FIELDS_MAX, unknown_fields


class Care(NamedTuple):
    """How a basket is read: `shopper_id` of the shopper who sends it, `is_strict` to refuse what is not known here, `notes_unknown`
    to warn of it."""

    shopper_id: str | None
    is_strict: bool
    notes_unknown: bool

    @property
    def finds_by_body(self) -> bool:
        """Whether an answer that was given to the very same bytes may be given again without reading them."""
        return self.shopper_id is None and not self.is_strict


#: Of baskets that somebody tries a change on: a person may have mistyped what it is all about.
STRICT = Care(None, is_strict=True, notes_unknown=False)


def read_basket(body: bytes, care: Care, catalog: CatalogSnapshot | None = None) -> CheckedBasket:
    """Read a basket with care; `catalog` as in `decode_basket`.

    Raises:
        Malformed: The body is no JSON.
        Forbidden: A shopper asks in another's name.
        Invalid: It is no acceptable basket, or not from this sender; every fault has its pointer.
    """
    shopper_id, is_strict, notes_unknown = care
    unknown: tuple[Fault, ...] = ()
    if is_strict or notes_unknown:
        unknown = tuple(islice(unknown_fields(parse_json(body)), FIELDS_MAX))
    try:
        checked = decode_basket(body, catalog) if shopper_id is None else _read_of_shopper(body, shopper_id)
    except Invalid as refused:
        if not is_strict or not unknown:
            raise
        raise Invalid.because((*refused.faults, *unknown)[:FIELDS_MAX]) from None
    if is_strict and unknown:
        raise Invalid.because(unknown)
    return msgspec.structs.replace(checked, unknown_fields=unknown) if unknown else checked


def _read_of_shopper(body: bytes, shopper_id: str) -> CheckedBasket:
    """Read a shopper's basket; what its lines cost and whether they are sold is for the catalog to say."""
    checked = decode_basket(body)
    basket = checked.basket
    if basket.customer_id != shopper_id:
        raise Forbidden("You can only request quotes for your own customer id")
    faults = tuple(shopper_faults(basket))
    if faults:
        raise Invalid.because(faults[:FIELDS_MAX])
    checked.is_shoppers = True
    return checked

"""The tiers and segments of customers as one rulebook sees them: immutable, like everything of a rulebook.

Only customers that have a tier or a segment are held; to prices the others are the same as strangers.

Source: docs/spec/quotes.md#snapshot-and-clock; docs/decisions/catalog-in-memory.md.
"""

from collections.abc import Iterable, Iterator
from struct import Struct
from typing import Final

from quote_service.pricing.interned import Interned
from quote_service.pricing.packed_rows import ID_BYTES, PackedRows, PackedRowsEdit, id_bytes

Terms = tuple[str | None, tuple[str, ...]]

_RECORD: Final = Struct(">I")


class CustomerSnapshot:
    """Tier and segments by customer; 21 bytes a customer."""

    __slots__ = ("rows", "terms")

    def __init__(self, rows: PackedRows | None = None, terms: Interned[Terms] | None = None) -> None:
        """Nobody, or the customers of some rows, whose records number the terms."""
        self.rows = rows if rows is not None else PackedRows(ID_BYTES, _RECORD.size)
        self.terms: Interned[Terms] = terms if terms is not None else Interned()

    @property
    def is_empty(self) -> bool:
        """Whether no customer is held."""
        return not self.rows.count

    def find(self, customer_id: str) -> Terms | None:
        """Tier and segments of a customer, None for one that has neither; the id in canonical form."""
        if not self.rows.count:
            return None
        customer = id_bytes(customer_id)
        record = self.rows.find(customer, customer, customer)
        return None if record is None else self.terms.values[_RECORD.unpack(record)[0]]

    def with_changes(self, terms: Iterable[tuple[str, Terms]], gone: Iterable[str] = ()) -> "CustomerSnapshot":
        """The customers after some changed; those `gone` have neither tier nor segments any more."""
        edit = CustomerSnapshotEdit(self)
        for customer_id in gone:
            edit.put(id_bytes(customer_id), None, ())
        for customer_id, (tier, segments) in terms:
            edit.put(id_bytes(customer_id), tier, segments)
        return edit.snapshot()


class CustomerSnapshotEdit:
    """Customers that are being changed; see `PackedRowsEdit`."""

    __slots__ = ("_rows", "_terms")

    def __init__(self, held: CustomerSnapshot) -> None:
        self._rows = PackedRowsEdit(held.rows)
        self._terms = held.terms

    def put(self, customer: bytes, tier: str | None, segments: tuple[str, ...]) -> None:
        """Say what a customer has; one that has neither is held no more."""
        self._rows.drop(customer)
        if tier is not None or segments:
            self._rows.add(customer, customer, customer + _RECORD.pack(self._terms.number((tier, segments))))

    def freeze(self) -> Iterator[None]:
        """Make what was touched unchangeable; whoever runs this may let others run between the steps."""
        return self._rows.freeze()

    def snapshot(self) -> CustomerSnapshot:
        """The customers, frozen."""
        return CustomerSnapshot(self._rows.rows(), self._terms)

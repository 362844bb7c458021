"""A number for each of very many ids, as packed rows: 21 bytes each.

Source: docs/decisions/catalog-in-memory.md.
"""

from collections.abc import Iterator, Mapping
from struct import Struct
from typing import Final

from quote_service.pricing.packed_rows import ID_BYTES, PackedRows, PackedRowsEdit, id_bytes

_COUNT: Final = Struct(">q")


def no_counts() -> PackedRows:
    """Rows of counts, none yet."""
    return PackedRows(ID_BYTES, _COUNT.size)


def put_count(edit: PackedRowsEdit, item: bytes, count: int) -> None:
    """Say the number of an id, which may have one."""
    edit.drop(item)
    edit.add(item, item, item + _COUNT.pack(count))


def find_count(rows: PackedRows, item_id: str) -> int | None:
    """The number of an id in canonical form, None where it has none."""
    item = id_bytes(item_id)
    record = rows.find(item, item, item)
    if record is None:
        return None
    count: int = _COUNT.unpack(record)[0]
    return count


class PackedCounts(Mapping[str, int]):
    """Numbers by id. Whoever asks knows the ids; they are not listed."""

    def __init__(self, rows: PackedRows) -> None:
        self.rows = rows

    def __getitem__(self, item_id: str) -> int:
        count = find_count(self.rows, item_id)
        if count is None:
            raise KeyError(item_id)
        return count

    # A mapping's default may be of any type; here it is a number or nothing.
    def get(self, item_id: str, default: int | None = None) -> int | None:  # type: ignore[override]
        """The number of an id, without an exception where there is none."""
        count = find_count(self.rows, item_id)
        return default if count is None else count

    def __len__(self) -> int:
        return self.rows.count

    def __iter__(self) -> Iterator[str]:
        raise TypeError("numbers are asked for by id, not listed")


class DemandCounts(Mapping[tuple[str, int], int]):
    """Units sold by product and number of hours. Whoever asks knows the products; they are not listed."""

    def __init__(self, by_hours: Mapping[int, PackedRows]) -> None:
        self.by_hours = by_hours

    def __getitem__(self, key: tuple[str, int]) -> int:
        count = self.get(key)
        if count is None:
            raise KeyError(key)
        return count

    # As above.
    def get(self, key: tuple[str, int], default: int | None = None) -> int | None:  # type: ignore[override]
        """The units of a product, without an exception where none were sold."""
        rows = self.by_hours.get(key[1])
        count = None if rows is None else find_count(rows, key[0])
        return default if count is None else count

    def __len__(self) -> int:
        return sum(rows.count for rows in self.by_hours.values())

    def __iter__(self) -> Iterator[tuple[str, int]]:
        raise TypeError("units are asked for by product, not listed")

"""Messages of the bus as moments, read by Python in Spark's executors: the same reading as everywhere.

Source: docs/spec/market-analysis.md#spark.
"""

from typing import Any, Final

import msgspec
import pyarrow as arrow

from quote_service.intelligence.market_analysis.model.windows.moments import MOMENT_KINDS, Moment, moment_of
from quote_service.platform.event_bus.model.events import EventUnreadable, read_event

#: What a message is read as: `unreadable` is 0 where it is a moment, 1 where it cannot be read, and null where nothing of it counts.
MOMENT_STRUCT: Final = (
    "struct<" + ", ".join(f"{name}: {kind}" for name, kind in MOMENT_KINDS.items()) + ", unreadable: int>"
)
_TYPES: Final = {
    "string": arrow.string(),
    "bigint": arrow.int64(),
    "int": arrow.int32(),
    "decimal(18,6)": arrow.decimal128(18, 6),
}
_FIELDS: Final = [
    *(arrow.field(name, _TYPES[kind]) for name, kind in MOMENT_KINDS.items()),
    arrow.field("unreadable", arrow.int32()),
]
_NOTHING: Final = (None,) * len(Moment._fields)


def read_messages(messages: arrow.Array) -> arrow.Array:
    """Each message as its struct."""
    rows = [_row(message) for message in messages.to_pylist()]
    columns: Any = zip(*rows, strict=True) if rows else [()] * len(_FIELDS)
    arrays = [arrow.array(column, field.type) for column, field in zip(columns, _FIELDS, strict=True)]
    return arrow.StructArray.from_arrays(arrays, fields=_FIELDS)


def _row(message: bytes | None) -> tuple[Any, ...]:
    try:
        moment = moment_of(read_event(message or b""))
    except (EventUnreadable, msgspec.DecodeError):
        return (*_NOTHING, 1)
    return (*_NOTHING, None) if moment is None else (*moment, 0)

"""Files of R's `save()`, written here byte by byte as R writes them. Source: docs/spec/demand.md#evaluate."""

import bz2
import gzip
import lzma
import struct
from collections.abc import Callable

import pytest

from quote_service.lab.evaluation.r_data import UnreadableRData, read_r_data

NIL = struct.pack(">i", 254)
_ATTRIBUTES, _TAG = 0x200, 0x400


def chars(text: str) -> bytes:
    return struct.pack(">ii", 9, len(text.encode())) + text.encode()


def symbol(name: str) -> bytes:
    return struct.pack(">i", 1) + chars(name)


def vector(kind: int, values: list[bytes], attributes: bytes = b"") -> bytes:
    flags = kind | (_ATTRIBUTES if attributes else 0)
    return struct.pack(">ii", flags, len(values)) + b"".join(values) + attributes


def reals(*values: float) -> bytes:
    return vector(14, [struct.pack(">d", value) for value in values])


def integers(*values: int, attributes: bytes = b"") -> bytes:
    return vector(13, [struct.pack(">i", value) for value in values], attributes)


def texts(*values: str) -> bytes:
    return vector(16, [chars(value) for value in values])


def pairs(*items: tuple[bytes, bytes]) -> bytes:
    return b"".join(struct.pack(">i", 2 | _TAG) + name + value for name, value in items) + NIL


def reference(at: int) -> bytes:
    return struct.pack(">i", (at << 8) | 255)


def saved(*items: tuple[bytes, bytes], version: int = 2) -> bytes:
    encoding = struct.pack(">i", 5) + b"UTF-8" if version == 3 else b""
    return f"RDX{version}\nX\n".encode() + struct.pack(">iii", version, 0, 0) + encoding + pairs(*items)


def a_table(names: bytes) -> bytes:
    """Two columns, the second a factor. The symbol `names` is written once, and referred to after that."""
    factor = integers(2, 1, -(2**31), attributes=pairs((symbol("levels"), texts("a", "b"))))
    return vector(19, [reals(1.5, -2.0, 3.0), factor], attributes=pairs((names, texts("price", "shop"))))


@pytest.mark.parametrize("packed", [bytes, gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize("version", [2, 3])
def test_tables_are_read_by_name(packed: Callable[[bytes], bytes], version: int) -> None:
    content = saved(
        (symbol("sales"), a_table(symbol("names"))),
        (symbol("more"), vector(19, [a_table(reference(3))], attributes=pairs((reference(3), texts("inner"))))),
        (symbol("counts"), integers(7, 8)),
        version=version,
    )
    # Symbols in the order they are met: sales, levels, names, more, levels again as a new one.
    found = read_r_data(packed(content))
    assert list(found) == ["sales", "more", "counts"]
    assert found["sales"]["price"].tolist() == [1.5, -2.0, 3.0]
    assert found["sales"]["shop"] == ["b", "a", None]
    assert found["more"]["inner"]["shop"] == ["b", "a", None]
    assert found["counts"].tolist() == [7, 8]


@pytest.mark.parametrize("content", [b"", b"RDA2\nA\n", b"a,b\n1,2\n", saved((symbol("f"), struct.pack(">i", 3)))])
def test_what_is_no_data_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableRData):
        read_r_data(content)

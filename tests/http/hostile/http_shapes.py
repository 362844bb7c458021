"""Requests whose end can be read in two ways, or that are no requests at all, as bytes; and what must come of them.

Each is what follows the first lines of a head: fields, a blank line, a body. `INNER` is what a smuggler wants answered.
"""

from __future__ import annotations

INNER = b"GET /api/v1/users HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nX-Request-ID: inner\r\n\r\n"
_CHUNKED = b"Transfer-Encoding: chunked\r\n"
_NO_CHUNKS = b"\r\n0\r\n\r\n"


def _length(value: bytes, more: bytes = b"") -> bytes:
    return b"Content-Length: " + value + b"\r\n" + more + b"\r\n" + INNER


def _coding(value: bytes, more: bytes = b"") -> bytes:
    return b"Transfer-Encoding:" + value + b"\r\n" + more + _NO_CHUNKS + INNER


def _chunks(body: bytes) -> bytes:
    return _CHUNKED + b"\r\n" + body + INNER


def _field(line: bytes) -> bytes:
    return line + b"\r\n" + INNER


REFUSED: dict[str, bytes] = {
    "length and chunks": b"Content-Length: 6\r\n" + _CHUNKED + _NO_CHUNKS + INNER,
    "chunks and length": _CHUNKED + b"Content-Length: 6\r\n" + _NO_CHUNKS + INNER,
    "two lengths": _length(b"0", b"Content-Length: 4\r\n"),
    "one length twice": _length(b"0", b"Content-Length: 0\r\n"),
    "lengths in a list": _length(b"0, 4"),
    "one length in a list": _length(b"0, 0"),
    "a length with a plus": _length(b"+0"),
    "a length with a minus": _length(b"-1"),
    "a length in hex": _length(b"0x0"),
    "a length with a point": _length(b"0.0"),
    "a length with an underscore": _length(b"1_0"),
    "a length with a blank": _length(b"0 0"),
    "a length of nothing": _length(b""),
    "a length in quotes": _length(b'"0"'),
    "a length past 64 bits": _length(b"18446744073709551616"),
    "a length past all counting": _length(b"9" * 400),
    "a length in other digits": _length("٠".encode()),
    "a length behind a vertical tab": _length(b"\x0b0"),
    "chunked twice": _coding(b" chunked", b"Transfer-Encoding: chunked\r\n"),
    "chunked and identity": _coding(b" chunked", b"Transfer-Encoding: identity\r\n"),
    "identity and chunked": _coding(b" identity", b"Transfer-Encoding: chunked\r\n"),
    "chunked, identity": _coding(b" chunked, identity"),
    "identity, chunked": _coding(b" identity, chunked"),
    "gzip, chunked": _coding(b" gzip, chunked"),
    "chunked, chunked": _coding(b" chunked, chunked"),
    "xchunked": _coding(b" xchunked"),
    "chunkedx": _coding(b" chunkedx"),
    "identity": _coding(b" identity"),
    "no coding": _coding(b""),
    "chunked in quotes": _coding(b' "chunked"'),
    "chunked; q=1": _coding(b" chunked; q=1"),
    "chunked behind a comma": _coding(b" ,chunked"),
    "chunked behind a vertical tab": _coding(b"\x0bchunked"),
    "chunked before a NUL": _coding(b" chunked\x00"),
    "chunked on a folded line": _coding(b"\r\n chunked"),
    "a blank before the colon of a length": b"Content-Length : 0\r\n\r\n" + INNER,
    "a tab before the colon of a coding": b"Transfer-Encoding\t: chunked\r\n" + _NO_CHUNKS + INNER,
    "a blank before a name": _field(b" Content-Length: 0\r\n"),
    "a folded line": _field(b"X: a\r\n Content-Length: 5\r\n"),
    "a line folded with a tab": _field(b"X: a\r\n\tContent-Length: 5\r\n"),
    "a line that ends in LF": _field(b"X: a\nContent-Length: 5\r\n"),
    "a line that ends in CR": _field(b"X: a\rContent-Length: 5\r\n"),
    "a head that ends in LF": b"X: a\r\n\n" + INNER,
    "a head that ends in CR": b"X: a\r\n\r" + INNER,
    "a NUL in a value": _field(b"X: a\x00b\r\n"),
    "a NUL in a name": _field(b"X\x00: a\r\n"),
    "a control character": _field(b"X: a\x01b\r\n"),
    "a name with a blank": _field(b"X Y: a\r\n"),
    "a name with a letter of no ASCII": _field("Content-Lengthé: 5\r\n".encode()),
    "no name": _field(b": a\r\n"),
    "no colon": _field(b"Content-Length 5\r\n"),
    "a second host": _field(b"Host: other\r\n"),
    "a chunk below nothing": _chunks(b"-1\r\n\r\n"),
    "a chunk with a plus": _chunks(b"+0\r\n\r\n"),
    "a chunk of 0x0": _chunks(b"0x0\r\n\r\n"),
    "a chunk behind a blank": _chunks(b" 0\r\n\r\n"),
    "a chunk before a blank": _chunks(b"0 \r\n\r\n"),
    "a chunk of no size": _chunks(b"\r\n\r\n"),
    "a chunk of an extension alone": _chunks(b";a=b\r\n\r\n"),
    "a chunk past 64 bits": _chunks(b"1" + b"0" * 16 + b"\r\n"),
    "a chunk of a hundred digits": _chunks(b"0" * 100 + b"\r\n\r\n"),
    "a chunk's line that ends in LF": _chunks(b"0\n\r\n"),
    "a chunk's line that ends in CR": _chunks(b"1\rx\r\n0\r\n\r\n"),
    "an LF in an extension": _chunks(b"1;a\nb\r\nx\r\n0\r\n\r\n"),
    "a CR in an extension": _chunks(b"1;a\rb\r\nx\r\n0\r\n\r\n"),
    "a chunk that is longer than its size": _chunks(b"1\r\nxx\r\n0\r\n\r\n"),
    "a chunk that is shorter than its size": _chunks(b"3\r\nx\r\n0\r\n\r\n"),
    "a chunk that ends in LF": _chunks(b"1\r\nx\n0\r\n\r\n"),
    "chunks that end in LF": _chunks(b"0\r\n\n"),
    "a length in the trailers": _chunks(b"0\r\nContent-Length: 5\r\n\r\n"),
    "a trailer on a folded line": _chunks(b"0\r\nX: a\r\n b\r\n\r\n"),
    "a trailer without a colon": _chunks(b"0\r\nX\r\n\r\n"),
}

# By their last part the body is `INNER`, whole: these are read, and what stands in them is not answered.
TAKEN: dict[str, bytes] = {
    "a length": b"Content-Length: {length}\r\n",
    "a length with blanks around": b"Content-Length: \t {length} \t \r\n",
    "a length with noughts in front": b"Content-Length: 000{length}\r\n",
    "an upgrade to HTTP/2": b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nContent-Length: {length}\r\n",
    "an upgrade behind the length": b"Content-Length: {length}\r\nConnection: upgrade\r\nUpgrade: h2c\r\n",
    "an upgrade in odd letters": b"coNNection: uPGrade\r\nuPGRADE: H2C\r\nContent-Length: {length}\r\n",
    "two upgrades": b"Connection: Upgrade\r\nUpgrade: foo\r\nUpgrade: bar\r\nContent-Length: {length}\r\n",
    "an upgrade of the proxy": b"Proxy-Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: {length}\r\n",
    "an upgrade that the connection does not name": b"Upgrade: h2c\r\nContent-Length: {length}\r\n",
    "an upgrade to nothing": b"Connection: Upgrade\r\nContent-Length: {length}\r\n",
    "an upgrade to an empty name": b"Connection: Upgrade\r\nUpgrade:\r\nContent-Length: {length}\r\n",
    "an upgrade in one list": b"Connection: Upgrade, Upgrade: h2c\r\nContent-Length: {length}\r\n",
    "a WebSocket": b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nContent-Length: {length}\r\n",
    "a connection that names the length": b"Connection: keep-alive, Content-Length\r\nContent-Length: {length}\r\n",
    "codings that are offered": b"TE: chunked, trailers\r\nContent-Length: {length}\r\n",
    "a name that is nearly one": b"Transfer_Encoding: chunked\r\nContent_Length: 0\r\nContent-Length: {length}\r\n",
    "a value that holds one": b"X: Content-Length: 0\r\nContent-Length: {length}\r\n",
}
TAKEN_IN_CHUNKS: dict[str, bytes] = {
    "chunks": b"{size}\r\n{inner}\r\n0\r\n\r\n",
    "a size in capitals, and noughts": b"000{SIZE}\r\n{inner}\r\n000\r\n\r\n",
    "extensions": b'{size};a;b=c;d="e"\r\n{inner}\r\n0;last\r\n\r\n',
    "trailers": b"{size}\r\n{inner}\r\n0\r\nX-One: 1\r\nX-Request-ID: inner\r\nAuthorization: Bearer {token}\r\n\r\n",
}

NO_REQUESTS: dict[str, bytes] = {
    "no version": b"GET /health/live\r\n\r\n",
    "no version and no head": b"GET /health/live\r\n",
    "two blanks": b"GET  /health/live HTTP/1.1\r\nHost: x\r\n\r\n",
    "tabs": b"GET\t/health/live\tHTTP/1.1\r\nHost: x\r\n\r\n",
    "a blank behind the version": b"GET /health/live HTTP/1.1 \r\nHost: x\r\n\r\n",
    "a blank in front": b" GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n",
    "HTTP/2.0": b"GET /health/live HTTP/2.0\r\nHost: x\r\n\r\n",
    "HTTP/1.2": b"GET /health/live HTTP/1.2\r\nHost: x\r\n\r\n",
    "HTTP/0.9": b"GET /health/live HTTP/0.9\r\nHost: x\r\n\r\n",
    "http/1.1": b"GET /health/live http/1.1\r\nHost: x\r\n\r\n",
    "RTSP": b"DESCRIBE /health/live RTSP/1.0\r\nHost: x\r\n\r\n",
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "NULs": b"\x00" * 100,
    "lines that end in LF": b"GET /health/live HTTP/1.1\nHost: x\n\n",
    "a method that there is none of": b"FOO /health/live HTTP/1.1\r\nHost: x\r\n\r\n",
    "a method in small letters": b"get /health/live HTTP/1.1\r\nHost: x\r\n\r\n",
    "a path without a slash": b"GET health/live HTTP/1.1\r\nHost: x\r\n\r\n",
    "a path with a control character": b"GET /health/\x01live HTTP/1.1\r\nHost: x\r\n\r\n",
    "CONNECT": b"CONNECT localhost:443 HTTP/1.1\r\nHost: x\r\n\r\n",
    "CONNECT with a length": b"CONNECT localhost:443 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n",
    "CONNECT to a path": b"CONNECT /health/live HTTP/1.1\r\nHost: x\r\n\r\n",
    "no host": b"GET /health/live HTTP/1.1\r\n\r\n",
    "chunks in HTTP/1.0": b"POST /health/live HTTP/1.0\r\nHost: x\r\n" + _CHUNKED + _NO_CHUNKS,
}

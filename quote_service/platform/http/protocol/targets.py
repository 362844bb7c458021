"""What a request is for: its target in the form that routes read, and a host that a URL can be made of.

Source: RFC 9112, 3.2; RFC 9110, 4.2.4 and 7.2.
"""

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address
from typing import Final

from quote_service.platform.http.protocol.head_reader import BAD_REQUEST, RequestRefused

#: The target of a request for the server itself, which only OPTIONS has.
SERVER_TARGET: Final = b"*"
_ABSOLUTE: Final = re.compile(rb"https?://([^/?#]+)(/.*)", re.IGNORECASE | re.DOTALL)
_HOST: Final = re.compile(rb"(?:\[([0-9A-Fa-f:.]{2,45})\]|[A-Za-z0-9._~!$&'()*+,;=%-]{0,255})(?::([0-9]{0,5}))?")
_PORT_MAX: Final = 65_535


def read_target(target: bytes, method: bytes) -> tuple[bytes, bytes | None]:
    """Read a target that does not begin with a slash.

    Returns:
        Path and query, or `*`; and the host that an absolute target names, which stands for the one in `Host`.

    Raises:
        RequestRefused: It is of another form, or names no path.
    """
    if target == SERVER_TARGET and method == b"OPTIONS":
        return target, None
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute is None or not is_host(absolute[1]):
        raise RequestRefused(BAD_REQUEST)
    return absolute[2], absolute[1]


@lru_cache(maxsize=256)
def is_host(host: bytes) -> bool:
    """Whether this is a host, with a port if need be; without one the host may be empty."""
    found = _HOST.fullmatch(host)
    if found is None or int(found[2] or 0) > _PORT_MAX:
        return False
    try:
        return found[1] is None or bool(IPv6Address(found[1].decode()))
    except AddressValueError:
        return False

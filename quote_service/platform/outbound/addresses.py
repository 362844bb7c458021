"""Which addresses requests may go to: public ones, and those of networks that are named.

The networks stand here in full and do not come from `ipaddress.is_global`, whose answers differ between releases of Python.

Source: docs/spec/webhooks.md#addresses; IANA's registries of special-purpose addresses for IPv4 and IPv6.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NOT_PUBLIC_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by carriers; a cloud keeps its metadata there
        "127.0.0.0/8",
        "168.63.129.16/32",  # public by its number; the host of a cloud's virtual machines
        "169.254.0.0/16",  # link-local: the metadata of clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
# Of IPv6 only this is given out to anybody; loopback, link-local, private and multicast addresses are elsewhere.
_GLOBAL_V6 = IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocols: Teredo, ORCHID, benchmarks
        "2001:db8::/32",
        "2002::/16",  # 6to4, which leads to any address of IPv4
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
# Translates to the IPv4 address in its last 32 bits.
_NAT64 = IPv6Network("64:ff9b::/96")
_PORTS = (80, 443)
_UNPRIVILEGED = 1024


class Networks:
    """What is allowed: public addresses, and these networks."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        """Take networks such as `10.0.0.0/8`.

        Raises:
            ValueError: One of them is none.
        """
        self._allowed: tuple[Network, ...] = tuple(ip_network(each) for each in allowed)

    def allows(self, text: str) -> bool:
        """Whether requests may go to an address; what is no address is none that they may go to."""
        try:
            address = ip_address(text)
        except ValueError:
            return False
        if any(address.version == each.version and address in each for each in self._allowed):
            return True
        embedded = _embedded(address)
        if embedded is not None:
            return self.allows(str(embedded))
        return _is_public(address)


def allows_port(port: int) -> bool:
    """Whether requests may go to a port: those of HTTP, and those that no service of an operating system has."""
    return port in _PORTS or _UNPRIVILEGED <= port <= 65535


def _embedded(address: Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_V4)
    # One with a zone (`%eth0`) compares as its number does, and is asked for by nobody in public.
    if address.scope_id is not None or address not in _GLOBAL_V6:
        return False
    return not any(address in network for network in _NOT_PUBLIC_V6)

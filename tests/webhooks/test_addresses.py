"""Where webhooks may go; source: docs/spec/webhooks.md#addresses."""

from __future__ import annotations

import pytest

from quote_service.platform.outbound.addresses import Networks
from quote_service.platform.outbound.urls import check_url, read_target

PUBLIC = """8.8.8.8 1.1.1.1 93.184.216.34 172.15.255.255 172.32.0.1 100.63.255.255 100.128.0.1 168.63.129.15 198.17.255.255
2606:4700:4700::1111 2a00:1450:4001:82b::200e 64:ff9b::808:808 2400:cb00::1""".split()
NOT_PUBLIC = """0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 169.254.169.254
169.254.0.1 168.63.129.16 172.16.0.1 172.31.255.255 192.0.0.192 192.0.2.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1
224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:0:7f00:1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe
64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:7f00:1::1 2002:a9fe:a9fe::1 3fff::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%lo
2606:4700:4700::1111%lo fec0::1 ff02::1 5f00::1""".split()


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address: str) -> None:
    assert Networks().allows(address)


@pytest.mark.parametrize("address", [*NOT_PUBLIC, "", "shop.example", "2130706433", "0x7f.1"])
def test_others_are_refused(address: str) -> None:
    assert not Networks().allows(address)


def test_an_ipv4_address_within_ipv6_is_judged_as_itself() -> None:
    assert Networks().allows("::ffff:8.8.8.8")
    assert Networks(["10.0.0.0/8"]).allows("::ffff:10.0.0.1")


def test_networks_that_are_named_are_allowed_and_no_others() -> None:
    networks = Networks(["10.1.0.0/16", "fd00::/8"])
    assert networks.allows("10.1.2.3")
    assert networks.allows("fd00::1")
    assert not networks.allows("10.2.0.1")
    assert not networks.allows("127.0.0.1")
    assert networks.allows("8.8.8.8")


@pytest.mark.parametrize(
    ("url", "host", "port", "path"),
    [
        ("https://shop.example", "shop.example", 443, "/"),
        ("http://shop.example:8080/a/b?c=d", "shop.example", 8080, "/a/b?c=d"),
        ("http://[2606:4700::1]:80/x", "2606:4700::1", 80, "/x"),
        ("HTTPS://Shop.Example/", "shop.example", 443, "/"),
    ],
)
def test_urls_are_read(url: str, host: str, port: int, path: str) -> None:
    target = read_target(url)
    assert (target.host, target.port, target.path) == (host, port, path)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example/hook",
        "ftp://shop.example/",
        "file:///etc/passwd",
        "https:///hook",
        "https://user@shop.example/",
        "https://user:password@shop.example/",
        "https://shop.example/#part",
        "https://shop.example/#",
        "https://shop.example:22/",
        "https://shop.example:0/",
        "https://shop.example:99999/",
        "https://shop.example:x/",
        "https://shop.example/a b",
        "https://shop.example/\r\nX: y",
        "https://shop.example\\@127.0.0.1/",
        "https://[::1/",
        "https://münchen.example/",
        "http://127.0.0.1/",
        "http://[::ffff:127.0.0.1]:8080/",
        "http://169.254.169.254/latest/meta-data",
        "http://localhost:8080/",
        "http://LOCALHOST./",
        "http://shop.localhost/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://0/",
        "http://./",
        "http://shop..example/",
    ],
)
def test_urls_that_nothing_may_be_sent_to_are_refused_when_they_are_written(url: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        check_url(url, Networks())


def test_an_address_of_an_allowed_network_may_be_written() -> None:
    check_url("http://127.0.0.1:8080/", Networks(["127.0.0.0/8"]))
    check_url("http://localhost:8080/", Networks(["127.0.0.0/8"]))


def test_names_that_look_like_numbers_are_names() -> None:
    for host in ("0x7f.example", "4711.example", "127.0.0.1.example", "8.8.8.8", "134744072", "xn--mnchen-3ya.example"):
        check_url(f"http://{host}/", Networks())

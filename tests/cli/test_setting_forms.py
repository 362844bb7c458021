"""The form of every setting is checked at the start: which variable, what is wrong, and nothing of a password.

Needs the package of settings alone: `test_other_pythons.py` runs it under the system's own Python too.

Source: docs/spec/operations.md#settings.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.settings import SETTINGS, SettingsRefused, read_settings, shown_value
from quote_service.platform.settings.redis_urls import check_redis_form, read_redis_hosts
from quote_service.platform.settings.urls import read_hosts

PASSWORD = "hunter2"
GOOD = {
    "DATABASE_URL": [
        "postgresql://quote@db/quote",
        f"postgres://quote:{PASSWORD}@10.0.0.7:6432/quote?sslmode=verify-full",
        f"postgresql://quote:{PASSWORD}@[2001:db8::7]:5432/quote",
        "postgresql://quote@first:5432,second:5433/quote",
        "postgresql:///quote?host=/var/run/postgresql",
    ],
    "REDIS_URL": ["redis://", "redis://cache:6380/3", f"rediss://:{PASSWORD}@[::1]:6379/0", "unix:///run/valkey.sock"],
    "QUOTE_STOCK_REDIS_URL": [f"redis+cluster://user:{PASSWORD}@one:6379,two,[::1]:7000?ssl=false"],
    "QUOTE_DEFAULT_CURRENCY": ["TRY", "JPY"],
    "QUOTE_HOST": ["0.0.0.0", "::", "::1", "localhost", "quote-1.internal.example."],
    "QUOTE_TRUSTED_PROXIES": ["10.0.0.0/8, 192.168.1.1", "::1", "*"],
    "QUOTE_CORS_ORIGINS": ["https://shop.example, http://localhost:3000", "*", "https://*.shop.example"],
    "QUOTE_OTLP_ENDPOINT": ["http://collector:4318", "https://otlp.example/prefix/", "http://[::1]:4318"],
}
BAD = {
    "QUOTE_DEFAULT_CURRENCY": dict.fromkeys(("try", "XXX", "TRY,EUR"), "is not an ISO 4217 currency code"),
    "DATABASE_URL": {
        f"mysql://quote:{PASSWORD}@db/quote": "is not of the form postgresql://",
        "nowhere": "is not of the form postgresql://",
        f"postgresql+asyncpg://quote:{PASSWORD}@db/quote": "names a driver",
        f"postgresql://quote:{PASSWORD}@db:99999/quote": "does not name every host as host:port",
        f"postgresql://quote:{PASSWORD}@db:0/quote": "does not name every host as host:port",
        f"postgresql://quote:{PASSWORD}@db:port/quote": "does not name every host as host:port",
        f"postgresql://quote:{PASSWORD}/x@db/quote": "does not name every host as host:port",
        "postgresql://quote:1/2@db/quote": "is not of the form postgresql://",
        "postgresql://quote:1?2@db/quote": "has options that are not name=value",
        "postgresql://quote:1#2@db/quote": "is not of the form postgresql://",
        f"postgresql://quote:{PASSWORD}@[::g]/quote": "does not name every host as host:port",
        f"postgresql://quote:{PASSWORD}@db/quote?sslmode=on": "has an sslmode that is none of disable",
    },
    "REDIS_URL": {
        "http://cache": "is none of redis://",
        f"redis://:{PASSWORD}@cache:99999": "does not name every host as host:port",
        f"redis://:{PASSWORD}@one,two": "names several hosts",
        "redis://cache#1": "has a fragment",
        "redis://user:1#2@cache": "has a fragment",
        "redis://user:1/2@cache": "names a database that is not a number",
    },
    "QUOTE_STOCK_REDIS_URL": {f"redis+sentinel://:{PASSWORD}@one,[::g]/stock": "does not name every host as host:port"},
    "QUOTE_HOST": dict.fromkeys(
        ["http://quote", "127.0.0.1:8000", "a b", "-x", "quote/8000", "256.1.1.1"],
        "is neither a host name nor an address",
    ),
    "QUOTE_PORT": dict.fromkeys(["65536", "-1", "http", "80.5"], "is not valid"),
    "QUOTE_TRUSTED_PROXIES": dict.fromkeys(["proxy.internal", "10.0.0.1/8", "10.0.0.1, x"], "neither an address nor a"),
    "QUOTE_CORS_ORIGINS": dict.fromkeys(
        ["shop.example", "https://shop.example/", "ftp://shop.example", "https://", "null"], "is not an origin such as"
    ),
    "QUOTE_OTLP_ENDPOINT": {
        "collector:4317": "is not of the form http://host:4318",
        "grpc://collector:4317": "is not of the form http://host:4318",
        "perhaps": "is not of the form http://host:4318",
        "http://": "does not name every host as host:port",
        "http://collector:99999": "does not name every host as host:port",
        f"http://user:{PASSWORD}@collector:4318": "holds a password",
        "http://collector:4318/v1/traces": "ends in the path of a signal",
    },
}


@pytest.mark.parametrize(("variable", "text"), [(name, text) for name, texts in GOOD.items() for text in texts])
def test_what_can_be_used_is_taken_and_shown_without_its_password(variable: str, text: str) -> None:
    settings = read_settings({variable: text})
    shown = [shown_value(setting, getattr(settings, setting.field)) for setting in SETTINGS]
    assert not any(PASSWORD in value for value in shown)


@pytest.mark.parametrize(
    ("variable", "text", "reason"),
    [(name, text, reason) for name, texts in BAD.items() for text, reason in texts.items()],
)
def test_what_cannot_be_used_is_refused_with_its_reason(variable: str, text: str, reason: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        read_settings({variable: text})
    (fault,) = refused.value.faults
    assert fault.variable == variable
    assert reason in fault.detail
    assert PASSWORD not in fault.detail


@pytest.mark.parametrize("hosts", ["one:1,[::1]:2", "[::1]:1,[2001:db8::2]:2,three:3", "one,[::1]", "[::1],one"])
def test_lists_of_hosts_may_hold_ipv6_addresses(hosts: str) -> None:
    """Python's urlsplit refuses the whole list since CVE-2025-0938 was mended."""
    read = read_redis_hosts(f"redis+sentinel://user:{PASSWORD}@{hosts}/stock/2?ssl=true")
    assert read.hosts == read_hosts(hosts, 26379)
    assert [host for host, _ in read.hosts] == [entry.strip("[]") for entry in _without_ports(hosts)]
    assert (read.credentials, read.name, read.database) == ({"username": "user", "password": PASSWORD}, "stock", 2)
    assert read_redis_hosts(f"redis+cluster://{hosts}").credentials == {}
    settings = read_settings({"REDIS_URL": f"redis+cluster://:{PASSWORD}@{hosts}"})
    (shown,) = (shown_value(each, settings.redis_url) for each in SETTINGS if each.field == "redis_url")
    assert shown == f"redis+cluster://:***@{hosts}"


@given(st.text(max_size=60), st.sampled_from(["redis", "rediss", "redis+sentinel", "redis+cluster", "unix", "x"]))
def test_no_text_breaks_the_reading_of_a_url(text: str, scheme: str) -> None:
    assert _refusal(f"{scheme}://{text}").partition(" ")[0] in ("", "is", "has", "does", "names")


def _refusal(url: str) -> str:
    """What is wrong with a URL; any other error than that of a wrong form leaves."""
    try:
        check_redis_form(url)
    except ValueError as refused:
        assert type(refused) is ValueError  # noqa: PT017 (a subclass, as of decoding, would be a mistake of ours)
        return str(refused)
    return ""


def _without_ports(hosts: str) -> list[str]:
    return [
        entry.rpartition("]")[0] + "]" if entry.startswith("[") else entry.partition(":")[0]
        for entry in hosts.split(",")
    ]

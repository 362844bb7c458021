"""What a Cookie header holds, read by hand.

Source: docs/spec/web.md#sessions; RFC 6265, 4.2.1.
"""

import pytest

from quote_service.platform.http.protocol.head_reader import COOKIE_BYTES_MAX
from quote_service.web.routes.cookies import cookie_value


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("a=1", "1"),
        ("b=2; a=1; c=3", "1"),
        ("a=1;b=2", "1"),
        (" a = 1 ;", "1"),
        ("a=1; a=2", "1"),
        ("a=x=y", "x=y"),
        ("a=", ""),
        ('a="1"', '"1"'),
        ('b="; a=1', "1"),
        ("é; {}; =; ;; a=1", "1"),
        ("a", None),
        ("A=1; aa=2; b=a=1", None),
        ("", None),
        ("a=" + "x" * COOKIE_BYTES_MAX, None),
    ],
)
def test_a_cookie_is_found_by_its_name(header: str, value: str | None) -> None:
    assert cookie_value(header, "a") == value

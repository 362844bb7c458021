"""What a site's robots.txt says to us, and which pages ask for proof of a human.

Source: docs/spec/competitors.md#politeness.
"""

from __future__ import annotations

import pytest

from quote_service.intelligence.competitors.model.reading.challenges import challenge_mark
from quote_service.intelligence.competitors.model.reading.robots import RobotsJob, read_robots
from tests.competitors.pages import html, json_ld, offer, product
from tests.competitors.test_reading import URL


@pytest.mark.parametrize(
    ("rules", "path", "allows"),
    [
        ("User-agent: *\nDisallow: /*.php$", "/a.php", False),
        ("User-agent: *\nDisallow: /*.php$", "/a.php?x", True),
        ("User-agent: *\nDisallow: /p\nAllow: /p/ok", "/p/ok/1", True),
        ("User-agent: *\nAllow: /p\nDisallow: /p", "/p", True),
        ("User-agent: *\nDisallow:", "/x", True),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
        ("Disallow: /", "/x", True),
        ("User-agent: *\r\nDisallow: /x # why", "/x", False),
        ("User-agent: *\nDisallow: /%7Ejoe", "/~joe/x", False),
        ("Sitemap: https://shop.example/s\nUser-agent: *\nDisallow: /x", "/x", False),
        ("User-agent: Quote-Service-Prices\nDisallow: /\n\nUser-agent: *\nAllow: /", "/x", False),
        ("User-agent: quote-service-prices/1.0\nDisallow: /", "/x", False),
        ("User-agent: googlebot\nUser-agent: quote-service-prices\nDisallow: /x", "/x", False),
        ("User-agent: quote-service\nAllow: /\n\nUser-agent: *\nDisallow: /", "/x", False),
        ("User-agent: quote-service-prices-of-others\nDisallow: /", "/x", True),
        ("<html>Disallow: /</html>", "/x", True),
    ],
)
def test_rules_of_a_site_are_those_of_rfc_9309(rules: str, path: str, allows: bool) -> None:
    job = RobotsJob(rules=rules, agent="quote-service-prices", url=f"https://shop.example{path}")
    assert read_robots(job).allows == allows


@pytest.mark.parametrize(
    ("reported", "seconds"), [("10", 10), ("0.5", 0.5), ("-5", 0), ("soon", 0), ("NaN", 0), ("inf", 0), ("1e9", 300)]
)
def test_a_delay_between_requests_is_kept_as_far_as_it_is_one(reported: str, seconds: float) -> None:
    rules = f"User-agent: *\nCrawl-delay: {reported}"
    assert read_robots(RobotsJob(rules=rules, agent="quote-service-prices", url=URL)).crawl_delay_seconds == seconds


def test_a_challenge_is_reported_from_a_page_that_sells() -> None:
    challenge = b"<html><head><title>Just a moment...</title></head><body>cf-chl-bypass</body></html>"
    captcha = b'<script src="https://www.google.com/recaptcha/api.js"></script><div class=g-recaptcha></div>'
    assert challenge_mark({}, challenge) == "sure"
    assert challenge_mark({"cf-mitigated": "challenge"}, b"") == "sure"
    assert challenge_mark({}, captcha) == "perhaps"
    assert challenge_mark({}, html(json_ld(product(offer(9)))).encode() + captcha) is None
    assert (
        challenge_mark({}, captcha + b'<script>{"@type": ["Thing", "https:\\/\\/schema.org\\/Product"]}</script>')
        is None
    )
    assert challenge_mark({}, b"<title>Just a moment: a novel</title>") == "perhaps"
    watched = b'<link rel=preconnect href="https://geo.captcha-delivery.com">'
    assert challenge_mark({}, watched) == "sure"
    assert challenge_mark({}, watched + html(json_ld(product(offer(9)))).encode()) is None
    assert challenge_mark({}, challenge + html(json_ld(product(offer(9)))).encode()) == "sure"
    assert challenge_mark({}, b"<title>Shop</title>") is None

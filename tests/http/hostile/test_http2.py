"""Clients that would rather speak HTTP/2: an offer to upgrade is answered in HTTP/1.1, and HTTP/2 at once is refused.

Source: docs/decisions/http-bounds.md; RFC 9110, 7.8; RFC 9113, 3.
"""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from tests.http.hostile.fronts import ROUTES, Front, Fronts, assert_refused

# As curl 7.88 writes it for `--http2` with a body.
CURLS_HEAD = (
    b"POST /api/v1/quote HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n"
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n"
    b"X-API-Key: %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
)
# The connection preface, and the empty SETTINGS that have to follow it.
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"


def _has_http2() -> bool:
    curl = shutil.which("curl")
    return curl is not None and b"HTTP2" in subprocess.run([curl, "--version"], capture_output=True, check=True).stdout


with_curl = pytest.mark.skipif(not _has_http2(), reason="needs curl with HTTP/2")


@pytest.fixture(params=["fast path", "fast path off"])
def quote(request: pytest.FixtureRequest, fronts: Fronts) -> Front:
    return Front(fronts[request.param], ROUTES["quote"])


def curl(front: Front, version: str) -> subprocess.CompletedProcess[bytes]:
    """Ask for a quote with curl; what it prints ends with the status and the version that it got."""
    body = front.good.partition(b"\r\n\r\n")[2]
    key = f"X-API-Key: {front.service.api_key}"
    url = f"http://127.0.0.1:{front.service.port}/api/v1/quote"
    asked = ["curl", "-sS", version, "-H", key, "-H", "Content-Type: application/json", "--data-binary", "@-", url]
    return subprocess.run(
        [*asked, "-w", "\n%{http_code} %{http_version}"], input=body, capture_output=True, check=False
    )


@with_curl
def test_curl_that_offers_an_upgrade_is_answered_in_http_1_1(quote: Front) -> None:
    answered = curl(quote, "--http2")
    body, _, reported = answered.stdout.rpartition(b"\n")
    assert (answered.returncode, reported) == (0, b"200 1.1"), answered
    assert json.loads(body)["success"] is True


@with_curl
def test_curl_with_prior_knowledge_is_refused(quote: Front) -> None:
    """It cannot read an answer in HTTP/1.1 by then, and says so; others are answered as before."""
    answered = curl(quote, "--http2-prior-knowledge")
    assert answered.returncode != 0
    assert answered.stdout.endswith(b"000 0"), answered
    assert curl(quote, "--http1.1").returncode == 0


def test_an_upgrade_as_curl_offers_it(quote: Front) -> None:
    body = quote.good.partition(b"\r\n\r\n")[2]
    asked = CURLS_HEAD % (quote.service.api_key.encode(), len(body)) + body
    with quote.connect() as connection:
        for answer in connection.send(asked, asked).answers(2):
            assert (answer.status, answer.closes) == (200, False)
            assert b"upgrade" not in answer.headers


@pytest.mark.parametrize("cut", [len(PREFACE), 24, 16, 3], ids=["whole", "no settings", "its line", "its first bytes"])
def test_prior_knowledge_is_a_clean_refusal(quote: Front, cut: int) -> None:
    with quote.connect() as connection:
        connection.send(PREFACE[:cut])
        quote.has_read()
        connection.send(PREFACE[cut:])
        assert_refused(connection)

"""What pages weigh and how long their HTML takes, against their budgets; with `make run` in another terminal.

    python -m loadtests.pages [--data-dir .quote-service] [--rounds 30]

A page weighs what a browser loads at its first visit: the HTML, and each file that it names, packed where it is sent packed. Times
are of one connection, from the request to the last byte of the HTML. Ends with 1 where a page is past its budget.

Source: docs/spec/web.md#pages.
"""

import argparse
import json
import re
import statistics
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import httpx

BYTES_MAX, P95_MS_MAX = 120_000, 50.0
# With Swagger UI and the description that it reads.
REFERENCE, REFERENCE_BYTES_MAX = "/docs", 900_000
DESCRIPTION = "/docs/openapi.json"
PAGES = (
    "/admin",
    "/admin/playground",
    "/admin/rules",
    "/admin/rules/new?type=PROMOTION",
    "/admin/flags",
    "/admin/products",
    "/admin/orders",
    "/admin/analytics",
    "/admin/audit",
    "/store",
    REFERENCE,
)
_LOADED = re.compile(r'(?:src|href)="(/assets/[^"]+)"')


class PageFigures(NamedTuple):
    """Bytes that are sent for a page, and milliseconds until its HTML is there."""

    path: str
    html_bytes: int
    file_bytes: int
    p50_ms: float
    p95_ms: float


def exceeded(page: PageFigures) -> list[str]:
    """Every budget that a page is past, in words."""
    bytes_max = REFERENCE_BYTES_MAX if page.path == REFERENCE else BYTES_MAX
    found, weight = [], page.html_bytes + page.file_bytes
    if weight > bytes_max:
        found.append(f"{page.path} weighs {weight} bytes, at most {bytes_max} are allowed")
    if page.p95_ms > P95_MS_MAX:
        found.append(f"{page.path} takes {page.p95_ms:.1f} ms (p95), at most {P95_MS_MAX:g} are allowed")
    return found


def loaded_by(path: str, html: str) -> list[str]:
    """What a page loads, each once."""
    return [*dict.fromkeys(_LOADED.findall(html)), *([DESCRIPTION] if path == REFERENCE else [])]


def measure(client: httpx.Client, path: str, rounds: int) -> PageFigures:
    """Ask for a page once to warm it up, then for its files, then `rounds` times."""
    first = client.get(path).raise_for_status()
    files = sum(client.get(file).raise_for_status().num_bytes_downloaded for file in loaded_by(path, first.text))
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        client.get(path).raise_for_status()
        took.append((time.perf_counter() - began) * 1000)
    p95 = statistics.quantiles(took, n=20)[-1]
    return PageFigures(path, first.num_bytes_downloaded, files, statistics.median(took), p95)


def table(pages: Iterable[PageFigures]) -> str:
    """The figures as a table of Markdown."""
    rows = [
        f"| `{page.path}` | {page.html_bytes / 1000:.1f} | {(page.html_bytes + page.file_bytes) / 1000:.1f} | "
        f"{page.p50_ms:.1f} | {page.p95_ms:.1f} |\n"
        for page in pages
    ]
    return "| page | HTML, KB | in all, KB | p50, ms | p95, ms |\n| --- | ---: | ---: | ---: | ---: |\n" + "".join(rows)


def main() -> None:
    """Measure, print, and end with 1 where a budget was not kept."""
    options = argparse.ArgumentParser()
    options.add_argument("--data-dir", type=Path, default=Path(".quote-service"))
    options.add_argument("--rounds", type=int, default=30)
    wanted = options.parse_args()
    credentials = json.loads((wanted.data_dir / "dev.json").read_text("utf-8"))
    with httpx.Client(base_url=credentials["url"], timeout=60) as client:
        who = {"email": credentials["admin_email"], "password": credentials["admin_password"], "next": ""}
        if client.post("/sign-in", data=who).status_code != httpx.codes.SEE_OTHER:
            sys.exit("The admin of dev.json cannot sign in")
        measured = [measure(client, path, wanted.rounds) for path in PAGES]
    sys.stdout.write(table(measured))
    if past := [text for page in measured for text in exceeded(page)]:
        sys.exit("\n".join(past))


if __name__ == "__main__":
    main()

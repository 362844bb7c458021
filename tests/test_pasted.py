"""Every block of the README, the guides and the specification is run as it is pasted, or it says here why not.

The pages share one service with the demonstration data, which each finds as the pages before it have left it.

Source: docs/adding.md.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.fixtures.pasted import ROOT, RUN_BY, Block, blocks_of, page_text, pages, run_blocks
from tests.fixtures.service import Service, start_development

SHOWN = ("output", "text")
#: Pages whose changes reach the prices that others show, and the one that looks at the market of another; in this order.
LATE = ("spec/catalog.md", "spec/demonstration.md", "spec/pricing-rules.md", "spec/signals.md")
#: Pages that go on from what another fills in, whose first block is pasted before them. They may be all that a process tests.
GOES_ON_FROM = {"spec/signals.md": "spec/demonstration.md"}
#: What takes as long as it is asked to, for less time.
SHORTER = {
    "intelligence demo": "intelligence demo --days 60 --crowd 5",
    "simulate-orders --rate 5 --minutes 1 ": "simulate-orders --rate 5 --minutes 0.05 ",
}


class Aside(NamedTuple):
    """Blocks that are not pasted into the shell of their page: those with this text (or fence), on this page; why; and how many."""

    page: str
    text: str
    why: str
    blocks: int = 1


#: What a page prints, or writes to files, beside what it shows: its answers are not empty.
SAYS = {
    "README.md": ('"signature":',),
    "spec/analytics.md": ('"freshness"', "currency,"),
    "spec/campaigns.md": ('"hour":0', '"status":"active"'),
    "spec/catalog.md": ('"BOOT-200"',),
    "spec/demonstration.md": (
        '"Harbour Roasters"',
        '"not_comparable":["stale"]',
        '"reason":"schedule"',
        '"verdict":',
    ),
    "spec/feature-flags.md": ('"action":"flag.create"',),
    "spec/market-analysis.md": ('"currencies":', '"watermark":', '"message":"Volatility"'),
}

#: Run by a test of their own, whose path stands first in `why`.
ELSEWHERE = [
    Aside("getting-started.md", "KEY=$(", "tests/test_readme.py"),
    Aside("getting-started.md", '"quote_id": "01a1fc64-..."', "tests/test_readme.py"),
    Aside("getting-started.md", "COFFEE=$(", "tests/test_readme.py"),
    Aside("getting-started.md", '"total_amount": 776.76', "tests/test_readme.py"),
    Aside("getting-started.md", "SALE=$(", "tests/test_readme.py"),
    Aside("checkout.md", '{"customer_id"', "tests/orders/test_checkout_page.py"),
    Aside(
        "checkout.md",
        "and the signature holds\naccepted",
        "tests/orders/test_checkout_page.py: what each of the programs prints",
    ),
    Aside("checkout.md", "set -eu\n", "tests/orders/test_checkout_page.py"),
    Aside("checkout.md", "import base64, hashlib", "tests/orders/test_checkout_page.py"),
    Aside("checkout.md", "node:crypto", "tests/orders/test_checkout_page.py"),
    Aside("checkout.md", "package main", "tests/orders/test_checkout_page.py"),
    Aside("checkout.md", "public class", "tests/orders/test_checkout_page.py"),
    Aside("checkout.md", "<?php", "tests/orders/test_checkout_page.py"),
    Aside("production.md", "pg_dump", "tests/deploy/test_backup.py"),
    Aside("production.md", "pg_restore", "tests/deploy/test_backup.py"),
    Aside("spec/commission.md", "json POST /api/v1/", "tests/test_readme.py", 2),
    Aside("spec/feature-flags.md", "json POST /api/v1/", "tests/test_readme.py"),
    Aside("spec/pricing-rules.md", "json POST /api/v1/", "tests/test_readme.py", 6),
    Aside("spec/signature.md", "import base64", "tests/quotes/lifecycle/test_samples.py"),
    Aside("spec/signature.md", "node:crypto", "tests/quotes/lifecycle/test_samples.py"),
    Aside("spec/webhooks.md", "def verify", "tests/webhooks/test_guide.py"),
    Aside("spec/webhooks.md", "require(", "tests/webhooks/test_guide.py"),
    Aside("spec/webhooks.md", "func verify", "tests/webhooks/test_guide.py"),
]

#: Run by no test.
NOT_RUN = [
    Aside("README.md", "make run\n", "starts the service, which the fixture does"),
    Aside("follow-a-request.md", "flowchart", "a drawing"),
    Aside("house.md", "flowchart", "a drawing"),
    Aside("performance.md", "python -m loadtests.", "minutes long, and needs an idle machine", 3),
    Aside("production.md", "sh deploy/make-venv", "installs and compiles for minutes"),
    Aside("production.md", "export DATABASE_URL", "names servers and a password of the reader's"),
    Aside(
        "production.md", "quote-service secrets > quote.env", "needs those servers, and asks a person for a password"
    ),
    Aside("production.md", "quote-service serve", "does not end"),
    Aside("production.md", "docker build -t", "needs Docker and minutes", 2),
    Aside("production.md", "upstream quotes", "a configuration of nginx"),
    Aside("production.md", "seriesQuery", "values of another chart, for a cluster"),
    Aside("spec/access.md", "second-factor", "needs a person's phone and the code of the minute"),
    Aside("spec/behaviour.md", '"cart_units"', "data of an event"),
    Aside("spec/demand.md", "learn_response", "needs a panel of somebody's sales"),
    Aside(
        "spec/demand.md", "intelligence evaluate", "minutes long, and loads published data; what it takes, not one call"
    ),
    Aside("spec/demonstration.md", "intelligence evaluate", "minutes long, and loads published data"),
    Aside("spec/event-bus.md", '"topic": "price-updates"', "an event"),
    Aside("spec/feature-flags.md", "unleash.example", "asks another vendor's server"),
    Aside("spec/flash-sales.md", "user stock", "a line of an ACL file of Redis"),
    Aside("spec/flash-sales.md", "((q1 - q0)", "a formula"),
    Aside("spec/hints.md", '"missing_amount"', "a part of an answer"),
    Aside("spec/market-analysis.md", "'quote-service[intelligence,spark]'", "installs Spark, and needs a cluster"),
    Aside("spec/market-analysis.md", "'quote-service[kafka,spark]'", "installs Spark, and needs a broker"),
    Aside("spec/price-reductions.md", '{"public_price"', "a part of an answer, thirty days after a reduction"),
    Aside("spec/rulebook-files.md", "format: 2", "a part of a file"),
    Aside("spec/rulebook-files.md", "~ change rule", "of a shop whose file somebody has edited"),
    Aside("spec/rulebook-files.md", "pull_request:", "a workflow of GitHub"),
    Aside("spec/store.md", "store_page", "the demonstration has that flag"),
    Aside("spec/webhooks.md", "POST /hooks/prices", "what the service sends"),
]


@pytest.fixture(scope="module")
def data_dir(server_folder: Path) -> Path:
    return server_folder / "pasted"


@pytest.fixture(scope="module")
def seeded(data_dir: Path) -> Iterator[Service]:
    started, service = start_development(data_dir, forked=True)
    yield service
    started.stop()


@pytest.fixture(scope="module")
def begun() -> set[str]:
    """Pages that were pasted here."""
    return set()


def in_turn() -> list[str]:
    return sorted(pages(), key=lambda page: (page in LATE, page))


def shortened(block: Block) -> Block:
    source = block.source
    for long, short in SHORTER.items():
        source = source.replace(long, short)
    return block._replace(source=source)


def asides_of(block: Block) -> list[Aside]:
    return [
        aside
        for aside in (*ELSEWHERE, *NOT_RUN)
        if aside.page == block.page and aside.text in f"{block.kind}\n{block.source}"
    ]


def pasted_of(page: str) -> list[Block]:
    """Its blocks that are run here and those that show what they print."""
    return [block for block in blocks_of(page) if not asides_of(block)]


@pytest.mark.long("every command of a page, with a service where it names one")
@pytest.mark.parametrize("page", [page for page in in_turn() if any(block.kind in RUN_BY for block in pasted_of(page))])
def test_a_page_works_as_it_is_pasted(
    page: str, seeded: Service, begun: set[str], data_dir: Path, tmp_path: Path
) -> None:
    if "jq " in page_text(page) and shutil.which("jq") is None:
        pytest.skip("the page needs jq")
    before = GOES_ON_FROM.get(page)
    earlier = [] if before is None or before in begun else pasted_of(before)[:1]
    begun.add(page)
    blocks = [shortened(block) for block in [*earlier, *pasted_of(page)]]
    run = [block for block in blocks if block.kind in RUN_BY]
    printed = dict(zip(run, run_blocks(run, seeded, data_dir, tmp_path), strict=True))
    for block, after in pairwise(blocks):
        if after.kind in SHOWN:
            assert printed[block].rstrip("\n") == after.source.rstrip("\n"), f"{page}:{block.line}"
    written = [file.read_text("utf-8") for file in tmp_path.iterdir() if file.suffix in (".json", ".ndjson", ".csv")]
    said = "".join([*printed.values(), *written])
    assert not [words for words in SAYS.get(page, ()) if words not in said]
    refused = [(block.line, text[:500]) for block, text in printed.items() if '"type":"/problems/' in text]
    assert not refused, page


def test_every_block_is_run_or_says_why_not() -> None:
    blocks = [block for page in pages() for block in blocks_of(page)]
    unknown = [
        f"{block.page}:{block.line} ({block.kind or 'unmarked'})"
        for block in blocks
        if not asides_of(block) and block.kind not in (*RUN_BY, *SHOWN)
    ]
    assert not unknown, "neither run nor listed with a reason"
    # Outside of a fence nothing says what it is.
    indented = [
        page
        for page in pages()
        if re.search(r"^\n {4}\S", re.sub(r"^ *```.*?^ *```$", "```", page_text(page), flags=re.M | re.S), re.M)
    ]
    assert not indented
    for aside in (*ELSEWHERE, *NOT_RUN):
        assert sum(aside in asides_of(block) for block in blocks) == aside.blocks, aside
    for aside in ELSEWHERE:
        assert (ROOT / aside.why.split(":")[0]).exists(), aside

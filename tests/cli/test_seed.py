"""`quote-service seed` as it is run.

Source: docs/spec/seeding.md.
"""

import asyncio
import base64
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner, Result

from quote_service.serving.cli import main
from tests.conftest import MakeDatabase
from tests.fixtures.environment import service_environment

KEY = f"k1:{base64.b64encode(bytes(range(32))).decode()}"
FEW = ("--customers", "5", "--products", "10", "--orders", "5", "--until", "2026-01-01T00:00:00")


def environment(url: str) -> dict[str, str]:
    return {"DATABASE_URL": url, "QUOTE_SIGNING_KEYS": KEY, "QUOTE_RECEIPT_KEYS": KEY}


def seed(url: str, *arguments: str, **changed: str | None) -> Result:
    return CliRunner().invoke(main, ["seed", *arguments], env={**environment(url), **changed})


def count(url: str, table: str) -> int:
    async def ask() -> int:
        connection = await asyncpg.connect(url)
        try:
            counted: int = await connection.fetchval(f"SELECT count(*) FROM {table}")
            return counted
        finally:
            await connection.close()

    return asyncio.run(ask())


def test_it_shows_what_it_has_done_in_lines(new_database_url: MakeDatabase) -> None:
    url = new_database_url()
    done = seed(url, *FEW)
    assert done.exit_code == 0, done.output
    assert done.stdout == "5 customers, 10 products and 5 orders of seed 1, until 2026-01-01T00:00:00Z\n"
    reported = done.stderr.splitlines()
    assert [line.split(" after ")[0] for line in reported] == ["5 customers", "10 products", "5 orders"]
    for arguments, reason in (((*FEW, "--seed", "2"), "--append"), ((*FEW, "--append"), "seed 1 already")):
        again = seed(url, *arguments)
        assert again.exit_code == 1
        assert reason in again.stderr
    assert seed(url, *FEW, "--seed", "2", "--append").exit_code == 0
    assert count(url, "products") == 20


def test_a_terminal_shows_a_bar(new_database_url: MakeDatabase) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "quote_service", "seed", *FEW]
    running = subprocess.Popen(
        command, env=service_environment(environment(new_database_url())), stdout=subprocess.DEVNULL, stderr=theirs
    )
    os.close(theirs)
    shown = b""
    try:
        while read := os.read(ours, 4096):
            shown += read
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert running.wait(60) == 0, shown
    assert b"orders     [##############################] 100 %" in shown


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--products", "-1"), "--products"),
        (("--seed", "x"), "--seed"),
        (("--products", "0"), "Orders need customers and products"),
        (("--customers", "0"), "Orders need customers and products"),
        (("--until", "2999-01-01"), "future"),
        (("--until", "1999-01-01"), "too long ago"),
        (("more",), "unexpected"),
    ],
)
def test_wrong_arguments_are_reported(arguments: tuple[str, ...], reason: str) -> None:
    refused = seed("postgresql://q@127.0.0.1:1/q", *arguments)
    assert refused.exit_code == 2
    assert reason in refused.stderr


def test_what_is_missing_is_reported() -> None:
    nowhere = "postgresql://q@127.0.0.1:1/q"
    unsigned = seed(nowhere, QUOTE_SIGNING_KEYS=None, QUOTE_RECEIPT_KEYS=None)
    assert unsigned.exit_code == 1
    assert unsigned.stderr.splitlines() == [
        "QUOTE_SIGNING_KEYS is required: orders are signed",
        "QUOTE_RECEIPT_KEYS is required: orders are signed",
    ]
    assert seed(nowhere, DATABASE_URL=None).stderr.strip() == "DATABASE_URL is required"
    away = seed(nowhere)
    assert away.exit_code == 1
    assert "Traceback" not in away.output


def test_no_service_in_the_data_directory_is_reported(tmp_path: Path) -> None:
    refused = seed("", "--data-dir", str(tmp_path))
    assert refused.exit_code == 1
    assert str(tmp_path) in refused.stderr


@pytest.mark.long("seeds 300 products and is interrupted among 20 000 orders")
def test_ctrl_c_leaves_nothing(new_database_url: MakeDatabase) -> None:
    url = new_database_url()
    # Orders enough that they are not all written before the signal comes.
    command = [sys.executable, "-m", "quote_service", "seed", "--products", "300", "--orders", "20000"]
    running = subprocess.Popen(
        command,
        env=service_environment(environment(url)),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Tests that a shell started in the background ignore it, and what they start would, too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert running.stderr is not None
    for line in running.stderr:
        if line.startswith("300 products"):
            os.killpg(running.pid, signal.SIGINT)
            break
    rest = running.stderr.read()
    assert running.wait(60) == 1, rest
    assert "Traceback" not in rest, rest
    for table in ("products", "customers", "categories", "accepted_quotes", "pricing_rules"):
        assert count(url, table) == 0, table

"""Scenarios whose output, errors and exit status stand in files, which the model gives too.

Source: docs/spec/campaigns.md#commands.
"""

import re
from pathlib import Path

import pytest

from quote_service.shop.campaigns.scenario.commands import COMMANDS
from tests.campaigns.model import ModelShop
from tests.campaigns.played import PROJECT, run_command

GOLDEN = Path(__file__).parent / "golden"


def golden(name: str, kind: str) -> str:
    return (GOLDEN / f"{name}.{kind}").read_text("utf-8")


@pytest.mark.parametrize(("name", "status"), [("commands", 0), ("long", 1), ("unreadable", 1)])
def test_the_command_prints_what_the_files_hold(name: str, status: int) -> None:
    done = run_command(str(GOLDEN / f"{name}.txt"))
    assert done.stdout.decode() == golden(name, "out")
    assert done.stderr.decode() == golden(name, "err")
    assert done.returncode == status


#: Commands of which something is wrong, and lines that are no command: each kind that the scenarios have to show.
KINDS = (
    "unknown command", "takes 3 arguments", "takes 1 argument ", "must have at most 64 characters", "must be a whole number",
    "price must be a number", "limit must be a number", "product .* exists already", "campaign .* exists already",
    "there is no product", "there is no campaign", "in stock, not", "is running on product",
    "the campaign would end after time does", "time ends after", "is not UTF-8", "cannot be printed", "is longer than 4096",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_bad_line_is_in_a_golden_file(kind: str) -> None:
    assert re.search(kind, golden("long", "err") + golden("unreadable", "err"))


def test_every_command_is_in_the_long_one() -> None:
    words = {line.split()[0] for line in golden("long", "txt").splitlines() if line.strip()}
    assert set(COMMANDS) <= words


@pytest.mark.parametrize("name", ["commands", "long"])
def test_the_model_gives_the_files(name: str) -> None:
    shop, out, bad = ModelShop(), [], []
    for number, line in enumerate(golden(name, "txt").splitlines(), start=1):
        if line.strip() and not line.strip().startswith("#"):
            printed = shop.run(line)
            if printed is None:
                bad.append(number)
            else:
                out.append(printed)
    assert out == golden(name, "out").splitlines()
    assert bad == [int(number) for number in re.findall(r"^line (\d+): ", golden(name, "err"), re.MULTILINE)]


def test_the_table_of_the_specification_is_in_the_golden_file() -> None:
    page = (PROJECT / "docs" / "spec" / "campaigns.md").read_text("utf-8")
    rows = re.findall(r"^\| `([a-z_]+ [^`]+)` \| `([^`]+)` \|$", page, re.MULTILINE)
    assert len(rows) == 6
    shown = dict(zip(golden("commands", "txt").splitlines(), golden("commands", "out").splitlines(), strict=True))
    assert rows == [(line, shown.get(line)) for line, _ in rows]

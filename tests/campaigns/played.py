"""Playing a scenario in a test: in process, or by the command as a person starts it."""

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from quote_service.shop.campaigns.scenario.run_scenario import BadLine, run_scenario
from quote_service.shop.campaigns.scenario.shop import Shop
from quote_service.shop.campaigns.scenario.text_lines import text_line

PROJECT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "quote_service", "scenario"]
# Output that is never held back would hide where the command forgets to let go of it.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}


class Played(NamedTuple):
    """What came of a scenario."""

    out: list[str]
    """The lines that were printed."""
    bad: dict[int, str]
    """What is wrong with each line that was not done, by its number."""
    shop: Shop


def play(scenario: str | bytes) -> Played:
    """A scenario in process."""
    played = Played([], {}, Shop())
    source = scenario.encode() if isinstance(scenario, str) else scenario
    for number, outcome in run_scenario(played.shop, io.BytesIO(source)):
        if isinstance(outcome, BadLine):
            played.bad[number] = outcome.detail
        else:
            played.out.append(text_line(outcome))
    return played


def run_command(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own."""
    return subprocess.run(
        [*COMMAND, *arguments], cwd=PROJECT, env=ENVIRONMENT, input=stdin, capture_output=True, check=False, timeout=60
    )

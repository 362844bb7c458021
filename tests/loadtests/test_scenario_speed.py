"""What the measurement of scenarios plays is all that a scenario has, and nothing of it is refused.

Source: docs/spec/campaigns.md#scenario-files.
"""

from itertools import islice

from loadtests.scenario_speed import commands
from quote_service.shop.campaigns.scenario.commands import COMMANDS
from tests.campaigns.played import play


def test_what_is_measured_can_be_played() -> None:
    lines = list(islice(commands(), 3000))
    assert {line.split()[0] for line in lines} == set(COMMANDS)
    assert not play("\n".join(lines)).bad

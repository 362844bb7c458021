"""How many lines of a scenario are done in a second, in process: read, done and written, as text and as JSON.

    python -m loadtests.scenario_speed

Wanted are 100 000. Figures are by CPU time and the best of several rounds, since everything else on the machine only ever
adds to it.

Source: docs/spec/campaigns.md#scenario-files.
"""

import io
import time
from collections.abc import Callable, Iterator
from itertools import islice

from quote_service.shop.campaigns.scenario.json_lines import json_line
from quote_service.shop.campaigns.scenario.outcomes import Outcome
from quote_service.shop.campaigns.scenario.run_scenario import BadLine, run_scenario
from quote_service.shop.campaigns.scenario.shop import HOURS_MAX, Shop
from quote_service.shop.campaigns.scenario.text_lines import text_line

LINES = 100_000
_PRODUCTS, _DURATION, _ROUNDS = 20, 12, 7


def commands() -> Iterator[str]:
    """Products whose campaigns follow each other, an order and a look at each price every hour."""
    for product in range(_PRODUCTS):
        yield f"create_product P{product} {100 + product}.90 1000000000"
    for hour in range(HOURS_MAX):
        for product in range(_PRODUCTS):
            name = f"C{product}-{hour // _DURATION}"
            if hour % _DURATION == 0:
                yield f"create_campaign {name} P{product} {_DURATION} 20.5 {30 + product}"
            yield f"create_order P{product} {1 + (hour * 7 + product) % 5}"
            yield f"get_product_info P{product}"
            yield f"get_campaign_info {name}"
        yield "increase_time 1"


def lines_a_second(scenario: bytes, write: Callable[[int, Outcome], bytes]) -> float:
    """The best of some rounds over so many lines."""
    best = float("inf")
    for _ in range(_ROUNDS):
        started = time.process_time()
        for number, outcome in run_scenario(Shop(), io.BytesIO(scenario)):
            assert not isinstance(outcome, BadLine)
            write(number, outcome)
        best = min(best, time.process_time() - started)
    return LINES / best


def main() -> None:
    """Measure both kinds of output."""
    scenario = "\n".join(islice(commands(), LINES)).encode()
    writers: dict[str, Callable[[int, Outcome], bytes]] = {
        "text": lambda _, outcome: text_line(outcome).encode(),
        "JSON": json_line,
    }
    for name, write in writers.items():
        print(f"{name:<6}{lines_a_second(scenario, write):>10,.0f} lines a second")


if __name__ == "__main__":
    main()

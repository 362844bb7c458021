"""Scenarios drawn by chance, line by line beside the model; and laws that the model does not say.

Source: docs/spec/campaigns.md#scenario-files.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from quote_service.shop.campaigns.scenario.commands import run_line
from quote_service.shop.campaigns.scenario.plot.series import series_of
from quote_service.shop.campaigns.scenario.shop import BadCommand, Shop
from quote_service.shop.campaigns.scenario.text_lines import text_line
from tests.campaigns.model import ModelShop
from tests.campaigns.played import play

codes = st.sampled_from(["P1", "P2", "jacket"])
names = st.sampled_from(["C1", "C2", "C3", "C4", "P1"])
prices = st.integers(1, 20_000).map(lambda minor: f"{minor // 100}.{minor % 100:02}") | st.sampled_from(
    ["100", "0.01", "1.5", "0", "1.005", "9999999999999.99", "10000000000000", "x"]
)
counts = st.integers(1, 40).map(str) | st.sampled_from(["0", "-1", "1.0", "1000000000", "1000000001", "٣", "", "007"])
hours = st.integers(1, 9).map(str) | st.sampled_from(["24", "100", "0", "-3", "87600", "NaN"])
limits = st.integers(0, 100).map(str) | st.sampled_from(["20.5", "0.000001", "100.000001", "101", "-20", "1e1"])


class ScenarioBesideModel(RuleBasedStateMachine):
    """Each rule is one line, done by both."""

    def __init__(self) -> None:
        super().__init__()
        self.shop, self.model = Shop(), ModelShop()

    def both(self, line: str) -> None:
        try:
            outcome = run_line(self.shop, line.encode())
        except BadCommand:
            printed = None
        else:
            assert outcome is not None
            printed = text_line(outcome)
        assert printed == self.model.run(line), line

    @rule(code=codes, price=prices, stock=counts)
    def create_product(self, code: str, price: str, stock: str) -> None:
        self.both(f"create_product {code} {price} {stock}")

    @rule(code=codes, quantity=counts)
    def create_order(self, code: str, quantity: str) -> None:
        self.both(f"create_order {code} {quantity}")

    @precondition(lambda self: self.shop.products)
    @rule(data=st.data(), duration=st.integers(1, 12), limit=st.integers(0, 100), goal=st.integers(1, 60))
    def create_fit_campaign(self, data: st.DataObject, duration: int, limit: int, goal: int) -> None:
        code = data.draw(st.sampled_from(sorted(self.shop.products)))
        self.both(f"create_campaign {len(self.shop.campaigns)} {code} {duration} {limit} {goal}")

    @rule(name=names, code=codes, duration=hours, limit=limits, goal=counts)
    def create_campaign(self, name: str, code: str, duration: str, limit: str, goal: str) -> None:
        self.both(f"create_campaign {name} {code} {duration} {limit} {goal}")

    @rule(hours=hours)
    def increase_time(self, hours: str) -> None:
        self.both(f"increase_time {hours}")

    @rule(words=st.lists(codes | names | counts, max_size=3), command=st.sampled_from(["fly", "get_product_info"]))
    def odd_line(self, words: list[str], command: str) -> None:
        self.both(" ".join([command, *words]))

    @invariant()
    def everything_is_as_in_the_model(self) -> None:
        for code in ("P1", "P2", "jacket", "none"):
            self.both(f"get_product_info {code}")
        for name in [*self.shop.campaigns, "none"]:
            self.both(f"get_campaign_info {name}")

    @invariant()
    def what_is_drawn_ends_at_the_price_that_is_shown(self) -> None:
        if self.shop.hour < 1000:  # paths are worked out hour by hour
            for series in series_of(self.shop):
                assert series.price[-1][1] == self.model.price(series.code)


TestScenarioBesideModel = ScenarioBesideModel.TestCase
TestScenarioBesideModel.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)

START = "create_product P 100 1000000\ncreate_campaign C P 24 33 100\n"


def state(lines: list[str]) -> list[str]:
    return play(START + "\n".join([*lines, "get_product_info P", "get_campaign_info C"])).out[-2:]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=8), st.integers(0, 100))
def test_hours_that_were_missed_are_made_up_by_the_last_one(parts: list[int], sold: int) -> None:
    """Nobody looks for some hours: the price is the one that would be there if somebody had every hour."""
    order = [f"create_order P {sold}"] if sold else []
    hourly = [line for _ in range(sum(parts)) for line in ("increase_time 1", "get_product_info P")]
    assert state([*order, f"increase_time {sum(parts)}"]) == state([*order, *hourly])
    assert state([*order, *(f"increase_time {part}" for part in parts)]) == state([*order, *hourly])


@given(st.lists(st.integers(1, 9), min_size=1, max_size=8), st.integers(1, 30))
def test_orders_of_one_hour_may_come_in_any_order(quantities: list[int], hours: int) -> None:
    orders = [f"create_order P {quantity}" for quantity in quantities]
    assert state([*orders, f"increase_time {hours}"]) == state([*reversed(orders), f"increase_time {hours}"])
    assert state([*orders, f"increase_time {hours}"]) == state(
        [f"create_order P {sum(quantities)}", f"increase_time {hours}"]
    )


@given(st.lists(st.sampled_from(["create_order P 3", "increase_time 2", "get_product_info P"]), max_size=20))
def test_lines_that_are_bad_or_only_look_change_nothing(lines: list[str]) -> None:
    between = [
        "get_campaign_info C",
        "create_order P 999999999",
        "create_product P 1 1",
        "create_campaign C P 1 1 1",
        "fly",
    ]
    with_others = [each for line in lines for each in (*between, line)]
    assert state(with_others) == state(lines)

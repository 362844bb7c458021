"""The drawing of a scenario: whole, bounded in size, and with the figures that were played.

Source: docs/spec/campaigns.md#plot.
"""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.shop.campaigns.scenario.plot.axes import time_axis, time_label, value_axis
from quote_service.shop.campaigns.scenario.plot.draw_scenario import draw_scenario
from quote_service.shop.campaigns.scenario.plot.series import series_of
from quote_service.shop.campaigns.scenario.plot.step_path import step_path
from tests.campaigns.played import play, run_command
from tests.campaigns.test_golden_scenarios import GOLDEN

SVG = "{http://www.w3.org/2000/svg}"
CAMPAIGN = """
create_product P1 100 1000
increase_time 2
create_campaign C1 P1 4 20 40
create_order P1 30
increase_time 1
create_order P1 1
increase_time 2
create_order P1 5
increase_time 3
"""


def drawn(scenario: str) -> ElementTree.Element:
    played = play(scenario)
    assert not played.bad
    return ElementTree.fromstring(draw_scenario(played.shop))


def texts(drawing: ElementTree.Element) -> list[str]:
    return [each.text or "" for each in drawing.iter(f"{SVG}text")]


def paths(drawing: ElementTree.Element, kind: str) -> list[str]:
    return [each.attrib["d"] for each in drawing.iter(f"{SVG}path") if each.attrib["class"].split()[0] == kind]


def test_it_has_title_axes_legend_and_every_series() -> None:
    drawing = drawn(CAMPAIGN)
    shown = texts(drawing)
    assert shown[0] == "Price, sales and demand over time"
    for text in ("Until 08:00: 1 product, 1 campaign", "P1", "Price of one unit", "Sales, units an hour", "06:00"):
        assert text in shown
    assert any(text.startswith("Demand coefficient") for text in shown)
    assert shown[-1] == "Time since the start"
    assert len(paths(drawing, "line")) == 4  # the legend's, and one in each panel
    assert len(paths(drawing, "axis")) == 3
    assert len(paths(drawing, "reference")) == 1


def test_the_series_are_what_was_played() -> None:
    [series] = series_of(play(CAMPAIGN).shop)
    # The campaign begins at hour 2: +5 % after one of four hours (30 sold, 10 expected), then 31 of 20 and 31 of 30.
    assert series.price == [(0, 10_000), (2, 10_000), (3, 10_500), (4, 11_000), (5, 11_500), (6, 10_000)]
    assert series.sales == [(0, 0), (2, 30), (3, 0), (3, 1), (4, 0), (5, 5), (6, 0)]
    assert series.coefficients == [[(3, 3_000_000), (4, 1_550_000), (5, 1_033_333), (6, 900_000)]]


def test_sales_of_a_long_time_are_added_up_and_end_with_it() -> None:
    played = play(
        "create_product P1 1 9\ncreate_order P1 1\nincrease_time 23\ncreate_order P1 2\nincrease_time 230\n"
        "create_order P1 4"
    )
    [series] = series_of(played.shop)
    assert series.sales == [(0, 0), (0, 3), (24, 0), (240, 4), (254, 0)]


def test_it_can_be_read_on_light_and_on_dark() -> None:
    style = drawn(CAMPAIGN).find(f"{SVG}style")
    assert style is not None
    assert style.text is not None
    light, _, dark = style.text.partition("@media (prefers-color-scheme:dark){")
    for paper in (light, dark):
        colours = dict(re.findall(r"\.(paper|line\.s\d)\{(?:fill|stroke):(#\w{6})\}", paper))
        assert len(colours) == 7
        assert all(_contrast(colours["paper"], found) >= 3 for name, found in colours.items() if name != "paper")


@pytest.mark.parametrize(
    ("scenario", "missing"),
    [
        ("", {"There are no products", "Nothing was sold", "No campaign has run for an hour"}),
        ("create_product P1 1 1", {"Nothing was sold", "No campaign has run for an hour"}),
        ("create_product P1 1 1\ncreate_order P1 1\ncreate_campaign C P1 1 1 1", {"No campaign has run for an hour"}),
    ],
)
def test_what_there_is_nothing_of_is_said(scenario: str, missing: set[str]) -> None:
    shown = set(texts(drawn(scenario)))
    assert {text for text in shown if re.match("There are no|Nothing was|No campaign has", text)} == missing


def test_codes_are_text_whatever_they_hold() -> None:
    code = "<script>&amp;'\"]]>"
    assert code in texts(drawn(f"create_product {code} 1 1"))


def test_more_products_than_can_be_distinguished_are_counted() -> None:
    products = "".join(f"create_product P{number} 1 1\n" for number in range(9))
    shown = texts(drawn(f"{products}create_campaign C P8 1 1 1\ncreate_order P7 1"))
    assert [text for text in shown if text.startswith("P") and len(text) == 2] == ["P8", "P7", "P0", "P1", "P2", "P3"]
    assert "and 3 more, not drawn" in shown


def test_ten_years_are_no_larger_than_the_paper() -> None:
    lines = ["create_product P1 100 1000000", "create_campaign C1 P1 87600 50 100000"]
    for hour in range(0, 87_600, 3):
        lines += [f"create_order P1 {hour % 7 + 1}", "increase_time 3"]
    drawing = draw_scenario(play("\n".join(lines)).shop)
    assert len(drawing) < 150_000
    assert "Sales, units a week" in drawing


def test_the_command_writes_the_file_and_the_lines(tmp_path: Path) -> None:
    done = run_command("--plot", str(tmp_path / "p.svg"), str(GOLDEN / "commands.txt"))
    assert done.returncode == 0
    assert done.stdout.decode() == (GOLDEN / "commands.out").read_text("utf-8")
    assert ElementTree.parse(tmp_path / "p.svg").getroot().tag == f"{SVG}svg"


@given(st.integers(0, 10**15), st.integers(0, 10**15))
def test_a_value_axis_has_room_and_few_ticks(one: int, other: int) -> None:
    axis = value_axis(min(one, other), max(one, other))
    assert axis.least <= min(one, other) <= max(one, other) <= axis.most
    assert 2 <= len(axis.ticks()) <= 6
    assert axis.ticks()[-1] == axis.most
    assert re.fullmatch("(1|2|5)0*", str(axis.step))
    assert 0 <= axis.place(one, 170) <= 1700


@given(st.integers(1, 87_601))
def test_a_time_axis_has_few_ticks_and_each_its_own_label(hours: int) -> None:
    ticks = list(time_axis(hours).ticks())
    assert 1 <= len(ticks) <= 13
    assert len({time_label(hour) for hour in ticks}) == len(ticks)


def test_labels_of_time() -> None:
    assert [time_label(hour) for hour in (0, 6, 24, 30, 48)] == ["00:00", "06:00", "1d", "1d 06:00", "2d"]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 1700)), min_size=1, max_size=60), st.integers(401, 500))
def test_a_path_shows_where_it_begins_ends_and_how_far_it_goes(points: list[tuple[int, int]], end: int) -> None:
    points.sort(key=lambda point: point[0])
    path = step_path(points, end)
    begin = re.match(r"M([\d.]+) ([\d.]+)", path)
    assert begin is not None
    assert (float(begin[1]) * 10, float(begin[2]) * 10) == pytest.approx(points[0])
    heights = [float(height) * 10 for height in [begin[2], *re.findall(r"V([\d.]+)", path)]]
    assert heights[-1] == pytest.approx(points[-1][1])
    assert (min(heights), max(heights)) == pytest.approx((min(y for _, y in points), max(y for _, y in points)))
    assert path.endswith(f"H{end // 10}" if end % 10 == 0 else f"H{end / 10}")
    assert len(path) <= 5 * 40


def _contrast(one: str, other: str) -> float:
    """The contrast of two colours, as WCAG 2 defines it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

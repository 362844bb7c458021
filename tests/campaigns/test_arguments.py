"""The least, the most and the odd of each argument.

Source: docs/spec/campaigns.md#arguments.
"""

import pytest

from tests.campaigns.played import play

ODD = ["", "x", "-0", "+1", "1_0", "00", "01", "1e1", "0x1", "NaN", "inf", "٣", "1٣", "1²", "１", "9" * 5000]


@pytest.mark.parametrize(
    ("line", "least", "most", "outside"),
    [
        ("create_product P9 {} 1", "0.01", "9999999999999.99", ["0", "0.001", "0.1٣", "1.", "10000000000000", "1.0.0"]),
        ("create_product P9 {} 1", "1.50000", "1.0000000000000000", ["1.00000000000000000", "9999999999999.995"]),
        ("create_product P9 1 {}", "0", "1000000000", ["1.0", "1000000001"]),
        ("create_order P1 {}", "1", "1000000000", ["0", "1.0", "1000000001"]),
        ("create_campaign C1 P1 {} 1 1", "1", "87600", ["0", "1.0", "87601"]),
        ("create_campaign C1 P1 1 {} 1", "0", "100.000000", ["0.0000001", "100.000001", "101"]),
        ("create_campaign C1 P1 1 1 {}", "1", "1000000000", ["0", "1.0", "1000000001"]),
        ("increase_time {}", "1", "87600", ["0", "1.0", "87601"]),
        ("create_product {} 1 1", "x", "é" * 64, ["é" * 65]),
        ("create_campaign {} P1 1 1 1", "x", "C" * 64, ["C" * 65]),
    ],
)
def test_an_argument_is_taken_within_its_bounds(line: str, least: str, most: str, outside: list[str]) -> None:
    product = "create_product P1 1 1000000000\n"
    for word in (least, most):
        assert not play(product + line.format(word)).bad
    odd = [] if line.startswith(("create_product {}", "create_campaign {}")) else ODD
    for word in (*outside, *odd):
        played = play(product + line.format(word))
        assert list(played.bad) == [2], word
        assert len(played.out) == 1

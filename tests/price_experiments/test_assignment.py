"""Who is treated when: from the seed alone, one of each pair, one period of each block.

Source: docs/spec/price-experiments.md#designs.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from hypothesis import given, settings
from hypothesis import strategies as st

from quote_service.intelligence.price_experiments.model.assignment import coin, is_treated, pair_clusters, stretches

SEEDS = st.text("0123456789abcdef", min_size=32, max_size=32)
START = datetime(2026, 11, 2, 9, 5, tzinfo=UTC)


def test_a_coin_is_what_the_specification_says() -> None:
    assert coin("ab", "block", 3, 7) == bool(sha256(b"ab/block/3/7").digest()[0] & 1)


@given(st.lists(st.floats(min_value=0, max_value=1e9), min_size=2, max_size=41), SEEDS)
@settings(max_examples=80)
def test_neighbours_are_pairs_and_the_smallest_is_left(bases: list[float], seed: str) -> None:
    pairs = pair_clusters(bases, seed)
    seen = [number for pair in pairs for number in pair]
    assert len(seen) == len(set(seen)) == len(bases) // 2 * 2
    ranks = sorted(range(len(bases)), key=lambda number: (-bases[number], number))
    assert {frozenset(pair) for pair in pairs} == {
        frozenset(ranks[place : place + 2]) for place in range(0, len(bases) - 1, 2)
    }
    assert pair_clusters(bases, seed) == pairs


def test_coins_fall_both_ways() -> None:
    first = [pair_clusters([2.0, 1.0], f"{number:032x}")[0][0] for number in range(400)]
    assert 150 < sum(first) < 250


@given(SEEDS, st.integers(1, 30), st.integers(1, 72), st.integers(0, 300))
@settings(max_examples=60)
def test_one_period_of_each_block_is_treated(seed: str, blocks: int, hours: int, cluster: int) -> None:
    found = stretches(START, blocks, hours, hours - 1)
    assert [each.begins_at for each in found] == [
        START + timedelta(hours=hours * number) for number in range(2 * blocks)
    ]
    assert all(each.ends_at - each.counts_from == timedelta(hours=1) for each in found)
    for first, second in zip(found[::2], found[1::2], strict=True):
        assert first.block == second.block
        assert is_treated(seed, cluster, first) != is_treated(seed, cluster, second)

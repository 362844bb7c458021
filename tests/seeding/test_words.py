"""What a seed tells, without a server.

Source: docs/spec/seeding.md.
"""

import itertools
from collections import Counter
from datetime import UTC, datetime

import pytest

from quote_service.lab.seeding.model.baskets import seed_basket
from quote_service.lab.seeding.model.copy_lines import copy_line
from quote_service.lab.seeding.model.draw_vocabulary import draw_vocabulary
from quote_service.lab.seeding.model.draws import Draws, Weighted
from quote_service.lab.seeding.model.plan import DAY_US, HISTORY_DAYS, SeedPlan
from quote_service.lab.seeding.model.price_paths import HIGHEST_PERCENT, LOWEST_PERCENT, percent_at
from quote_service.lab.seeding.model.products import (
    MAX_PERCENT,
    MIN_PERCENT,
    SeedProduct,
    product_page,
    seed_product,
)
from quote_service.lab.seeding.model.rhythm import Rhythm
from quote_service.lab.seeding.operations.price_orders import checked_basket
from quote_service.platform.system.identifiers import canonical
from quote_service.platform.system.instants import SECOND_US
from quote_service.pricing.quote import CheckedBasket
from quote_service.quotes.model.kept_bytes import kept_request
from quote_service.quotes.reading.decode_basket import decode_basket

PLAN = SeedPlan(500, 300, 4000, 7, datetime(2026, 3, 2, tzinfo=UTC))
HOUR_US = 3600 * SECOND_US


def orders() -> list[tuple[int, CheckedBasket]]:
    rhythm, products = Rhythm(PLAN), [seed_product(PLAN, number) for number in range(PLAN.products)]
    made = []
    for number in range(PLAN.orders):
        draws = Draws(PLAN.seed, "order", number)
        at_us = rhythm.instant_us(number, draws)
        made.append((at_us, checked_basket(PLAN, seed_basket(PLAN, draws, at_us, products.__getitem__))))
    return made


@pytest.fixture(scope="module")
def all_orders() -> list[tuple[int, CheckedBasket]]:
    return orders()


def test_draws_are_those_of_earlier_releases() -> None:
    draws = Draws(1, "product", 5)
    assert [draws.below(100) for _ in range(20)] == [
        80, 54, 27, 94, 73, 23, 39, 20, 20, 88, 63, 71, 67, 84, 17, 68, 93, 10, 91, 53,
    ]  # fmt: skip
    assert draws.identifier(1_700_000_000_000_000) == "018bcfe5-6800-7c7e-9246-d314fc43e402"


def test_draws_of_one_thing_depend_on_nothing_else() -> None:
    names = [(seed, kind, number) for seed in (1, 2) for kind in ("a", "b") for number in (0, 1)]
    assert len({Draws(*name).below(2**32) for name in names}) == len(names)
    assert len({Draws(*name).identifier(0) for name in names}) == len(names)
    draws = Draws(1, "a", 0)
    draws.below(10)
    assert draws.identifier(0) == Draws(1, "a", 0).identifier(0)


def test_weights_are_kept() -> None:
    weighted, draws = Weighted((1, 0, 3)), Draws(1, "weights", 0)
    drawn = Counter(weighted.draw(draws) for _ in range(4000))
    assert drawn.keys() == {0, 2}
    assert 2.5 < drawn[2] / drawn[0] < 3.5


def test_words_are_the_same_for_the_same_seed() -> None:
    vocabulary = draw_vocabulary(7)
    assert vocabulary == draw_vocabulary(7)
    assert vocabulary != draw_vocabulary(8)
    pages = {product_page(PLAN, seed_product(PLAN, number), vocabulary).name for number in range(100)}
    assert len(pages) > 90


def test_prices_stay_within_their_bounds() -> None:
    moved = 0
    for number in range(PLAN.products):
        product = seed_product(PLAN, number)
        for move in product.moves:
            assert LOWEST_PERCENT <= move.percent <= HIGHEST_PERCENT
            assert 0 <= move.day < HISTORY_DAYS
        assert [move.day for move in product.moves] == sorted({move.day for move in product.moves})
        before = [100, *(move.percent for move in product.moves)]
        assert all(one != other for one, other in itertools.pairwise(before))
        moved += bool(product.moves)
    assert MIN_PERCENT < LOWEST_PERCENT
    assert HIGHEST_PERCENT < MAX_PERCENT
    assert 0.15 < moved / PLAN.products < 0.45


def test_orders_ascend_within_the_history_and_live_by_the_clock(all_orders: list[tuple[int, CheckedBasket]]) -> None:
    instants = [at_us for at_us, _ in all_orders]
    assert instants == sorted(instants)
    assert PLAN.until_us - HISTORY_DAYS * DAY_US <= instants[0]
    assert instants[-1] < PLAN.until_us - 15 * 60 * SECOND_US
    hours = Counter(at_us // HOUR_US % 24 for at_us in instants)  # UTC, three hours behind the shop
    assert hours[17] > 8 * hours[0]
    days = Counter((at_us // DAY_US + 3) % 7 for at_us in instants)  # Monday is 0
    assert days[5] > days[1]
    assert len({at_us // DAY_US for at_us in instants}) == HISTORY_DAYS


def test_baskets_are_those_that_a_checkout_may_send(all_orders: list[tuple[int, CheckedBasket]]) -> None:
    for _, checked in all_orders[:200]:
        assert decode_basket(kept_request(checked.basket)) == checked
        assert all(canonical(item.product_id) == item.product_id for item in checked.basket.items)


def test_a_product_sells_the_better_the_less_it_costs(all_orders: list[tuple[int, CheckedBasket]]) -> None:
    products: dict[str, SeedProduct] = {}
    for number in range(PLAN.products):
        product = seed_product(PLAN, number)
        products[product.id] = product
    sold: Counter[bool] = Counter()
    offered: Counter[bool] = Counter()
    for at_us, checked in all_orders:
        for item in checked.basket.items:
            percent = percent_at(products[item.product_id].moves, at_us, PLAN)
            if percent != 100:
                sold[percent < 100] += 1
        # What is looked at, whatever it costs: as popular products are, the first ones most.
        draws = Draws(PLAN.seed, "look", at_us)
        for _ in range(4):
            point = draws.below(2**32)
            looked = seed_product(PLAN, point**3 * PLAN.products // 2**96)
            percent = percent_at(looked.moves, at_us, PLAN)
            if percent != 100:
                offered[percent < 100] += 1
    cheap, dear = sold[True] / offered[True], sold[False] / offered[False]
    assert cheap > 1.25 * dear


def test_a_line_of_copy_has_nothing_that_ends_it() -> None:
    assert copy_line((1, None, "a\tb\\c\nd", b"{\\n}", "")) == "1\t\\N\ta\\tb\\\\c\\nd\t{\\\\\\\\n}\t\n"

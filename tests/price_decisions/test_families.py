"""Sizes of one thing keep their order and their price by unit, and a campaign's target bounds what is suggested.

Source: docs/spec/price-decisions.md#families; docs/spec/price-decisions.md#campaigns.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.intelligence.demand.optimiser.choose_price import sure_gain
from quote_service.intelligence.demand.optimiser.families import choose_ladder
from quote_service.intelligence.demand.optimiser.outlook import Offer, doubtful_ends
from quote_service.intelligence.price_decisions.model.decide import decide_price
from quote_service.intelligence.price_decisions.model.decisions import WhatIfDraft
from quote_service.intelligence.price_decisions.model.facts import CampaignTarget, Facts, Family, FamilyMember
from quote_service.intelligence.price_decisions.model.propose import family_bound
from quote_service.intelligence.price_decisions.operations.what_if import ask_what_if
from quote_service.intelligence.price_decisions.tables.decisions import DECISION_ROWS, read_decision
from quote_service.platform.documents.documents import write_document
from quote_service.platform.postgres.listed_rows import Wanted
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Invalid
from tests.price_decisions.shelves import EUR, Shelves
from tests.price_decisions.shop import POLICIES, a_policy, elastic, made, sold_at
from tests.price_decisions.test_decide import plain
from tests.price_decisions.test_decisions_api import pointers
from tests.price_decisions.test_runs import NOW, run

MICRO = 10**6
prices = st.integers(1, 40)


@given(
    st.lists(
        st.tuples(
            st.sets(prices, min_size=1, max_size=5), prices, st.floats(-6, -1.1), st.integers(1, 30), st.integers(1, 9)
        ),
        min_size=1,
        max_size=4,
    ),
    st.integers(0, 3),
)
def test_a_ladder_is_the_best_of_all_that_keep_order_and_unit_price(
    sizes: list[tuple[set[int], int, float, int, int]], step: int
) -> None:
    offers = [Offer(now, cost, 10.0, elastic(mean)) for _, now, mean, cost, _ in sizes]
    candidates = [sorted(each[0]) for each in sizes]
    units = list(itertools.accumulate(each[4] for each in sizes))
    ends = [doubtful_ends(offer.elasticity, 0.25) for offer in offers]

    def fits(chosen: Sequence[int]) -> bool:
        return all(
            chosen[at] + step <= chosen[at + 1] and chosen[at + 1] * units[at] <= chosen[at] * units[at + 1]
            for at in range(len(chosen) - 1)
        )

    def worth(chosen: Sequence[int]) -> float:
        return sum(sure_gain(offer, price, end) for offer, price, end in zip(offers, chosen, ends, strict=True))

    best = max((worth(each) for each in itertools.product(*candidates) if fits(each)), default=None)
    found = choose_ladder(offers, candidates, [step] * (len(sizes) - 1), units=units)
    if best is None:
        assert found is None
    else:
        assert found is not None
        assert fits(found)
        assert worth(found) == pytest.approx(best)


def size_of(facts: Facts, units: int, *others: tuple[int, int]) -> Facts:
    """The facts of a size with others, each by its units and price in cents, of which nothing more is known."""
    members = tuple(
        FamilyMember(UUID(int=place + 2), each * MICRO, price_minor * MICRO // 100)
        for place, (each, price_minor) in enumerate(others)
    )
    return msgspec.structs.replace(facts, family=Family("of a test", units * MICRO, members))


@given(
    st.integers(1, 50),
    st.lists(st.tuples(st.integers(1, 50), st.integers(1, 30_000)), max_size=4, unique_by=lambda each: each[0]),
    st.integers(0, 3),
)
def test_what_the_others_allow_is_exact(units: int, others: list[tuple[int, int]], cents: int) -> None:
    others = [each for each in others if each[0] != units]
    low, high = family_bound(size_of(plain(), units, *others))

    def fits(price: int) -> bool:
        return all(
            (theirs <= price and price * more <= theirs * units)
            if more < units
            else (price <= theirs and theirs * units <= price * more)
            for more, theirs in others
        )

    if not others:
        assert (low, high) == (None, None)
        return
    assert low is not None
    assert high is not None
    if low <= high:
        assert fits(low)
        assert fits(high)
        assert fits(min(high, low + cents))
    assert not fits(low - 1)
    assert not fits(high + 1)


def test_a_price_is_held_to_the_other_sizes() -> None:
    alone = decide_price(plain())
    assert (alone.price_minor, alone.high_by) == (105_00, "step")
    # One of six at 612.00 is 102.00 each: the single one costs no less by unit than that, and the pack no more.
    pack = decide_price(size_of(plain(), 6, (1, 17_00)))
    assert (pack.price_minor, pack.high_by, pack.clamped_by) == (102_00, "family", None)
    single = decide_price(size_of(plain(), 1, (6, 103_00)))
    assert (single.price_minor, single.high_by) == (103_00, "family")
    broken = decide_price(size_of(plain(), 6, (1, 120_00)))
    assert (broken.outcome, broken.held_by) == ("held", ("bounds_exclude_each_other",))


def test_what_a_campaign_wants_is_suggested_and_no_more() -> None:
    def asked(target: int, sold: int, hours: float, low: int = 90_00) -> Any:
        campaign = CampaignTarget(UUID(int=9), target, sold, hours, low, 110_00)
        return decide_price(plain(campaign=campaign, obstacles=("campaign",)))

    # 21 units a week are sold at 100.00, and 105.00 would earn most.
    assert asked(20, 20, 500).suggested_minor == 105_00
    wanting = asked(23, 0, 7 * 24)
    assert (wanting.outcome, wanting.held_by) == ("held", ("campaign",))
    assert 95_00 <= wanting.suggested_minor < 97_00
    # Half of it in half of the time.
    assert asked(46, 0, 14 * 24).suggested_minor == wanting.suggested_minor
    # What cannot be reached is come as near to as bounds allow, the campaign's among them.
    assert asked(1000, 0, 24).suggested_minor == 95_00
    bound = asked(1000, 0, 24, low=98_00)
    assert (bound.suggested_minor, bound.low_by) == (98_00, "campaign")


async def newest(database: Database, product_id: UUID) -> dict[str, Any]:
    async with database.read() as connection:
        rows = (await DECISION_ROWS.page(connection, Wanted({"product_id": product_id}, limit=1))).rows
        shown: dict[str, Any] = json.loads(write_document(await read_decision(connection, rows[0].id)))
    return shown


async def test_sizes_move_one_by_one_and_fit_each_other_at_every_moment(database: Database) -> None:
    shelves, name = Shelves(database), uuid4().hex
    await shelves.clear()
    sizes = {1: "10", 3: "27", 6: "50"}
    made_of = {
        units: await shelves.product(
            mode="auto", price=price, cost=str(float(price) * 0.6), floor_price=1, cumulative_percent=50, day_percent=50,
            family={"name": name, "units": units},
        )
        for units, price in sizes.items()
    }  # fmt: skip
    # Alone the single one wants down, the packs up.
    await shelves.learn({made_of[1]: -5.0})
    async with database.transaction() as connection:
        await connection.execute("UPDATE price_model_products SET reference_minor = 1000")
        for units, mean in ((3, -2.0), (6, -1.8)):
            known = write_document(elastic(mean)).decode()
            await connection.execute(
                "INSERT INTO price_model_products (model_id, product_id, currency, reference_minor, units_a_day, is_identified,"
                " elasticity) SELECT id, $1, 'EUR', $2, 20, true, $3 FROM price_models",
                made_of[units],
                int(float(sizes[units]) * 100),
                known,
            )
    moved = 0
    for _ in range(8):
        moved += (await run(database)).applied
        now = {units: await shelves.price(product_id) for units, product_id in made_of.items()}
        assert now[1] <= now[3] <= now[6]
        assert now[1] >= now[3] / 3 >= now[6] / 6
    assert moved > 3
    async with database.read() as connection:
        moves = await connection.fetch(
            "SELECT product_id, new_price FROM price_history WHERE product_id = ANY ($1::uuid[]) ORDER BY at",
            list(made_of.values()),
        )
    at: dict[UUID, Any] = dict.fromkeys(made_of.values())
    for move in moves:
        at[move["product_id"]] = move["new_price"]
        one, three, six = (at[made_of[units]] for units in (1, 3, 6))
        if None not in (one, three, six):
            assert one <= three <= six
            assert one >= three / 3 >= six / 6
    reported = await newest(database, made_of[3])
    assert (reported["family"]["name"], reported["family"]["units"]) == (name, 3)
    assert [each["units"] for each in reported["family"]["others"]] == [1, 6]
    assert "family" in [bound["rule"] for bound in reported["bounds"]]
    # The database believes nothing of it: neither less than a smaller size, nor more by unit.
    async with database.read() as connection:
        rows = await connection.fetch("SELECT * FROM price_decisions WHERE product_id = $1", made_of[6])
    three = int(await shelves.price(made_of[3]) * 100)
    for wrong in (three - 1, three * 2 + 1):
        with pytest.raises(Invalid) as refused:
            await force(database, dict(rows[0]), wrong)
        (fault,) = refused.value.faults
        assert (fault.pointer, "family" in fault.detail) == ("/price", True)


async def force(database: Database, row: dict[str, Any], price_minor: int) -> None:
    """Write an applied decision past every other guard."""
    row |= {"id": uuid4(), "run_id": None, "state": "applied", "price_minor": price_minor, "by_person": False}
    row |= {"held_by": [], "applied_at": row["created_at"]}
    places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    async with database.transaction() as connection:
        await connection.execute("DROP TRIGGER guard_applied ON price_decisions")
        for name in ("step", "day", "cumulative", "margins", "floor"):
            await connection.execute(f"ALTER TABLE price_decisions DROP CONSTRAINT price_decisions_{name}")
        await connection.execute(f"INSERT INTO price_decisions ({', '.join(row)}) VALUES ({places})", *row.values())


async def test_a_campaign_is_reported_with_what_it_wants(database: Database) -> None:
    shelves = Shelves(database)
    product_id = await shelves.product(mode="auto")
    await shelves.learn({product_id: -2.0})
    await shelves.campaign(product_id)
    async with database.snapshot() as connection:
        asked = await ask_what_if(connection, WhatIfDraft(product_id=product_id, currency=EUR), NOW)
    assert asked.held_by == ["campaign"]
    assert asked.campaign is not None
    assert (asked.campaign.target_units, asked.campaign.sold_units, asked.campaign.units_wanted) == (100, 0, 100)
    assert 9.9 < asked.campaign.hours_left <= 10
    bound = next(each for each in asked.bounds if each.rule == "campaign")
    assert (float(bound.lowest or 0), float(bound.highest or 0)) == (95, 105)


def test_units_that_were_mixed_up_are_put_right_together(admin: httpx.Client) -> None:
    one, six, name = sold_at(admin), sold_at(admin), uuid4().hex

    def imported(of_one: int, of_six: int) -> httpx.Response:
        sizes = ((one, of_one), (six, of_six))
        policies = [a_policy(product, family={"name": name, "units": units}) for product, units in sizes]
        return admin.post(f"{POLICIES}/import", json={"policies": policies})

    assert imported(6, 1).status_code == 200
    assert imported(1, 6).json()["data"]["replaced"] == 2
    assert pointers(imported(2, 2)) == {"/policies/1/family/units"}
    other = a_policy(sold_at(admin), family={"name": name, "units": 6})
    assert admin.post(f"{POLICIES}/import", json={"policies": [other]}).status_code == 409
    kept = {each: admin.get(POLICIES, params={"product_id": each}).json()["data"][0]["family"] for each in (one, six)}
    assert {each["units"] for each in kept.values()} == {1, 6}
    assert kept[one] == {"name": name, "units": 1}


def test_families_are_written_with_policies(admin: httpx.Client) -> None:
    one, six, name = sold_at(admin), sold_at(admin), uuid4().hex
    policy = made(admin, POLICIES, a_policy(one, family={"name": name, "units": 1}))
    assert policy["family"] == {"name": name, "units": 1}
    taken = admin.post(POLICIES, json=a_policy(six, family={"name": name, "units": "1.0"}))
    assert taken.status_code == 409, taken.text
    assert made(admin, POLICIES, a_policy(six, family={"name": name, "units": 0.5}))["family"]["units"] == 0.5
    alone = admin.put(f"{POLICIES}/{policy['id']}", json=a_policy(one))
    assert alone.json()["data"]["family"] is None
    nothing = {"name": " a", "units": 0}
    assert pointers(admin.post(POLICIES, json={"currency": "EUR", "family": nothing})) == {
        "/family",
        "/family/name",
        "/family/units",
    }
    assert pointers(admin.post(POLICIES, json=a_policy(one, family={"name": "a", "units": "0.0000001"}))) == {
        "/family/units"
    }

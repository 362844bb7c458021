"""`quote-service rulebook export` and `import` on a database.

Source: docs/spec/rulebook-files.md.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from quote_service.platform.documents.documents import read_value
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import VersionConflict
from quote_service.pricing.commission.rate import RateDraft
from quote_service.steering.rulebook_files.model.rulebook_file import RATES_MAX, RulebookFile
from quote_service.steering.rulebook_files.operations.import_rulebook import import_rulebook
from quote_service.steering.rulebook_files.operations.read_held import read_held, state_of
from tests.conftest import MakeDatabase
from tests.rulebook_files.shop import FILE, Shop


@pytest.fixture
def shop(new_database_url: MakeDatabase, tmp_path: Path) -> Shop:
    return Shop(new_database_url(), tmp_path)


def test_a_file_comes_out_as_it_went_in(shop: Shop) -> None:
    reported = shop.brought(FILE)
    assert '+ create rule "Delivery in Istanbul"' in reported
    assert reported.endswith("7 created, 0 changed, 0 removed\n"), reported
    assert shop.exported() == FILE
    assert shop.brought(FILE) == "Nothing to change\n"
    assert shop.brought(FILE, "--prune") == "Nothing to change\n"


def test_another_environment_gets_the_same(shop: Shop, new_database_url: MakeDatabase) -> None:
    shop.brought(FILE)
    other = Shop(new_database_url(), shop.folder)
    other.brought(shop.exported())
    assert other.exported() == shop.exported()


def test_order_comments_and_spelling_of_yaml_make_no_difference(shop: Shop) -> None:
    shop.brought(FILE)
    head, _, rest = FILE.partition("flags:\n")
    flags, _, rates = rest.partition("rates:\n")
    mixed = f"format: 2 # of course\nrates:\n{rates}flags:\n{flags}{head.partition('format: 2')[2]}"
    mixed = mixed.replace("customer_tiers: [gold, 'on']", 'customer_tiers:\n        - "gold"\n        - on')
    assert mixed != FILE
    assert shop.brought(mixed) == "Nothing to change\n"


def test_a_dry_run_shows_what_changes_and_writes_nothing(shop: Shop) -> None:
    shop.brought(FILE)
    version = shop.rows("SELECT version FROM rulebook_state")
    changed = (
        FILE.replace("fee: 29.90", "fee: 34.90")
        .replace("percentage: 12.5", "percentage: 25")
        .replace("rate: 10", "rate: 11")
    )
    reported = shop.brought(changed, "--dry-run")
    for line in (
        '~ change rule "Delivery in Istanbul"\n    configuration.fee: 29.90 -> 34.90',
        '~ change flag "express_delivery_multiplier"\n    rollout.percentage: 12.5 -> 25',
        "~ change rate PERCENTAGE of everything priority=0\n    rate: 10 -> 11",
        "0 to create, 3 to change, 0 to remove\netag: ",
    ):
        assert line in reported
    assert shop.rows("SELECT version FROM rulebook_state") == version
    assert shop.exported() == FILE
    shop.brought(changed)
    assert shop.exported() == changed


def test_a_default_comes_and_goes(shop: Shop) -> None:
    shop.brought(FILE)
    without = FILE.replace("    default_value: 1.50\n", "")
    assert "default_value: 1.50 -> (default)" in shop.brought(without)
    assert shop.exported() == without
    assert "default_value: (default) -> null" in shop.brought(
        FILE.replace("value: 1.50", "value: null").replace("NUMBER", "JSON")
    )
    digits = FILE.replace("value: 1.50", "value: 1.5")
    shop.brought(digits)
    assert "default_value: 1.5 -> 1.50" in shop.brought(FILE)  # an SDK is told the digits
    assert shop.exported() == FILE


def test_every_change_is_in_the_audit_log(shop: Shop) -> None:
    shop.brought(FILE)
    shop.brought(FILE.replace("fee: 29.90", "fee: 34.90").replace("weight: 3", "weight: 4"))
    found = shop.rows("SELECT action, actor FROM audit_log ORDER BY action")
    assert [row["action"] for row in found] == [
        *(["flag.create"] * 2), "flag.replace", *(["rate.create"] * 2), *(["rule.create"] * 2), *(["rule.replace"] * 2),
    ]  # fmt: skip
    assert all(row["actor"].startswith("command line (") for row in found)


def test_what_the_file_does_not_have_stays_unless_it_is_pruned(shop: Shop) -> None:
    shop.brought(FILE)
    less = FILE.partition("rules:")[0] + "rules: []\nflags:\n" + FILE.partition("flags:\n")[2].partition("rates:")[0]
    reported = shop.brought(less)
    assert '= keep rule "No" is not in the file' in reported
    assert reported.endswith("Nothing to change\n")
    assert shop.exported() == FILE
    assert shop.brought(less, "--prune").endswith("0 created, 0 changed, 3 removed\n")
    # A section that the file does not have is nobody's to remove.
    assert shop.exported() == less + "rates:\n" + FILE.partition("rates:\n")[2]
    nothing = "format: 2\nrules: []\nflags: []\nrates: []\n"
    assert shop.brought(nothing, "--prune").endswith("0 created, 0 changed, 4 removed\n")
    assert shop.exported().partition("format")[2] == nothing.partition("format")[2]
    # A rule may come again, as its next version; the key of a flag may not.
    shop.brought(FILE.partition("flags:")[0])
    refused = shop.refused(FILE)
    line = FILE.splitlines().index("  - key: express_delivery_multiplier") + 1
    assert f"rulebook.yaml:{line}: /flags/0/key A flag with this key already exists, or is archived" in refused


@pytest.mark.parametrize(
    ("before", "after", "line", "why"),
    [
        ("priority: 7", "prioriti: 7", "priority: 7", "/rules/1/prioriti is not a known field"),
        ("fee: 29.90", "fees: 29.90", "fee: 29.90", "/rules/0/configuration/fees is not a known field"),
        ("value: 12.50", "value: 120", "value: 12.50", "/rules/1/configuration/value"),
        ("customer_tiers:", "customer_tier:", "customer_tiers:", "/rules/1/conditions/customer_tier is not a known"),
        ("type: SMALL_BASKET_FEE", "type: SMALL_BASKETS", "type: SMALL_BASKET_FEE", "/rules/0/type"),
        ("    currency: TRY\n    region", "    currency: LIRA\n    region", "currency: LIRA", "/rules/0/currency"),
        ("key: layout", "key: lay out", "key: layout", "/flags/1/key"),
        ("percentage: 12.5", "percentage: half", "percentage: 12.5", "/flags/0/rollout/percentage"),
        ("weight: 3", "weight: -3", "weight: 3", "/flags/1/rollout/variants/1/weight"),
        ("up_to: 100.00", "up_to: 1OO", "up_to: 100.00", "/rates/1/tiers/0/up_to"),
        ("on_refund: keep", "on_refund: kept", "on_refund: keep", "/rates/1/on_refund must be one of"),
        ("key: layout", "key: express_delivery_multiplier", "key: layout", "/flags/1/key is also the key of /flags/0"),
        ("format: 2", "format: 3", "format: 2", "/format must be one of 1, 2"),
        ("name: Delivery in Istanbul", "name: 'No'", "type: PROMOTION", "/rules/1/type is not that of /rules/0"),
        ("rates:", "rate:", "rates:", "/rate is not a known field"),
        ("    rate: 10\n", "    rate: 10\n    rate: 11\n", "rate: 11", "/rates/0/rate is given more than once"),
        ("weight: 3", "weight: *x", "weight: *x", "anchors and aliases"),
    ],
)
def test_a_mistake_is_reported_with_its_line_and_nothing_is_written(
    shop: Shop, before: str, after: str, line: str, why: str
) -> None:
    text = FILE.replace(before, after, 1)
    messages = shop.refused(text)
    within = text if line in text else FILE
    number = next(place for place, each in enumerate(within.splitlines(), 1) if line in each)
    assert f"{number}: " in messages, messages
    assert why in messages
    assert shop.rows("SELECT count(*) FROM audit_log") == [{"count": 0}]


def test_what_the_database_alone_can_show_has_its_line_too_and_undoes_the_rest(shop: Shop) -> None:
    shop.brought(FILE)
    version = shop.rows("SELECT version FROM rulebook_state")
    changed = FILE.replace("fee: 29.90", "fee: 34.90")
    for before, after, why in (
        ("    type: JSON\n", "    type: JSON\n    salt: another\n", "/flags/1/salt cannot change"),
        ("    type: JSON\n", "    type: JSON\n    algorithm: unleash\n", "/flags/1/algorithm cannot change"),
    ):
        text = changed.replace(before, after)
        number = text.splitlines().index(after.splitlines()[1]) + 1
        assert f"rulebook.yaml:{number}: {why}" in shop.refused(text)
    text = FILE.partition("  - name: 'No'")[0].replace("Delivery in Istanbul", "'No'")
    assert "/type cannot change between versions" in shop.refused(text)
    text = changed + "  - commission_type: PERCENTAGE\n    rate: 3\n    effective_from: '2126-05-01T00:00:00Z'\n"
    number = text.splitlines().index("    rate: 3")
    assert f"rulebook.yaml:{number}: /rates/2 overlaps the rate" in shop.refused(text)
    assert shop.rows("SELECT version FROM rulebook_state") == version
    assert shop.exported() == FILE


def test_what_somebody_changed_meanwhile_is_noticed(shop: Shop) -> None:
    shop.brought(FILE)
    wanted = FILE.replace("rate: 10", "rate: 11")
    state = shop.brought(wanted, "--dry-run").rsplit("state: ", 1)[1].strip()
    shop.brought(FILE.replace("priority: 7", "priority: 8"))
    assert "The rulebook has changed" in shop.refused(wanted, "--etag", state)
    assert "rate: 10\n" in shop.exported()
    again = shop.brought(wanted, "--dry-run").rsplit("state: ", 1)[1].strip()
    assert again != state
    shop.brought(wanted, "--etag", again)
    assert "rate: 11\n" in shop.exported()


def test_of_two_at_once_who_go_by_the_same_state_one_is_refused(shop: Shop) -> None:
    drafts = [
        RulebookFile(rates=[read_value({"commission_type": "PERCENTAGE", "rate": rate}, RateDraft)]) for rate in (1, 2)
    ]

    async def work(database: Database) -> list[object]:
        async with database.read() as connection:
            state = state_of(await read_held(connection, now_us(), ["rates"]))

        async def bring(file: RulebookFile) -> object:
            async with database.transaction() as connection:
                change = change_by_system("test", now_us())
                return await import_rulebook(Change.within(connection, change), file, ["rates"], expected_state=state)

        return await asyncio.gather(*map(bring, drafts), return_exceptions=True)

    outcomes = shop.do(work)
    assert sum(isinstance(outcome, VersionConflict) for outcome in outcomes) == 1, outcomes
    assert len(shop.rows("SELECT id FROM commission_rates")) == 1


def test_strict_refuses_what_the_rule_check_finds(shop: Shop) -> None:
    text = (
        "format: 2\nrules:\n"
        + "".join(
            f"  - {{name: {name}, type: PROMOTION, configuration: {{kind: percent, value: 10}}}}\n" for name in "ab"
        )
        + "  - {name: c, type: PROMOTION, configuration: {kind: percent, value: 95}}\n"
    )
    assert "nothing was written" in shop.refused(text, "--strict")
    assert shop.rows("SELECT count(*) FROM pricing_rules") == [{"count": 0}]
    reported = shop.brought(text)
    assert "\n! warning " in reported or "\n! error " in reported
    assert shop.brought(text, "--strict") == "Nothing to change\n"


def test_a_rule_without_a_start_begins_when_it_is_written_and_keeps_that(shop: Shop) -> None:
    text = "format: 2\nrules:\n  - {name: a, type: PROMOTION, configuration: {kind: percent, value: 10}}\n"
    shop.brought(text)
    assert shop.brought(text) == "Nothing to change\n"
    shop.brought(text.replace("10", "11"))
    versions = shop.rows("SELECT version, is_active, effective_from FROM pricing_rules ORDER BY version")
    assert [(row["version"], row["is_active"]) for row in versions] == [(1, True), (2, True)]
    assert versions[0]["effective_from"] < versions[1]["effective_from"]
    assert shop.exported("--without", "rates", "--without", "flags").count("- name: a") == 1


def test_a_version_that_would_count_besides_is_switched_off(shop: Shop) -> None:
    shop.brought(FILE)
    # The version of 2126 comes forward: the one from now until then is gone from the file.
    later = FILE.partition("  - name: 'No'\n")
    text = later[0] + later[1] + later[2].partition("  - name: 'No'\n")[2]
    shop.brought(text)
    assert shop.exported() == text
    assert shop.brought(text) == "Nothing to change\n"


def test_more_rates_than_anybody_reviews_are_left_to_csv(shop: Shop) -> None:
    statement = f"""
        WITH raised AS (SELECT count(*) FROM generate_series(1, {RATES_MAX + 1}))
        INSERT INTO commission_rates (
            id, commission_type, seller_id, rate, region_key, effective_from, created_by, created_at, changed_by, changed_at
        )
        SELECT gen_random_uuid(), 'PERCENTAGE', gen_random_uuid(), 10, '', now(), 'test', now(), 'test', now()
        FROM generate_series(1, {RATES_MAX + 1})
    """

    async def work(database: Database) -> None:
        async with database.transaction() as connection:
            await connection.execute(statement)

    shop.do(work)
    refused = shop.run("export")
    assert refused.exit_code == 1
    assert "CSV" in refused.stderr
    assert shop.exported("--without", "rates").endswith("rules: []\nflags: []\n")


def test_a_file_may_be_written_or_shown(shop: Shop) -> None:
    shop.brought(FILE)
    target = shop.folder / "exported.yaml"
    assert shop.run("export", str(target)).exit_code == 0
    assert target.read_text("utf-8") == FILE


def test_no_secret_is_in_a_file(shop: Shop) -> None:
    shop.brought(FILE)
    assert not any(word in shop.exported() for word in ("id:", "created_by", "changed_", "password", "qs_"))


@pytest.mark.long("imports of a file in both formats, each a whole command")
def test_a_discount_that_says_nothing_of_its_minimum_keeps_what_it_has(shop: Shop) -> None:
    def text(version: int, name: str, rest: str = "") -> str:
        rule = f"  - {{name: {name}, type: PROMOTION, configuration: {{kind: percent, value: 10{rest}}}}}\n"
        return f"format: {version}\nrules:\n{rule}"

    def held(name: str) -> list[bool]:
        rows = shop.rows(f"SELECT respects_min_price AS held FROM pricing_rules WHERE name = '{name}' ORDER BY version")
        return [row["held"] for row in rows]

    shop.brought(text(2, "new"))
    shop.brought(text(1, "former"))
    assert (held("new"), held("former")) == ([True], [False])
    for version in (1, 2):
        for name in ("new", "former"):
            assert shop.brought(text(version, name)).endswith("Nothing to change\n")
    shop.brought(text(2, "former", ", respects_min_price: true"))
    assert held("former") == [False, True]
    assert shop.brought(text(1, "former")).endswith("Nothing to change\n")

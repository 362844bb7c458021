"""What the changes of a set are about, as it is in the database.

Source: docs/spec/change-sets.md#conflicts.
"""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.rulebook.commission_rates.operations.list_rates import rates_by_id
from quote_service.rulebook.feature_flags.operations.list_flags import flag_by_key
from quote_service.rulebook.pricing_rules.model.rule_records import RuleRecord
from quote_service.rulebook.pricing_rules.operations.list_active_rules import list_active_rules, newest_version
from quote_service.shop.catalog.model.prices import price_number
from quote_service.shop.catalog.operations.current_prices import PricePlace, read_current_prices
from quote_service.steering.change_sets.model.contents import Contents, Key
from quote_service.steering.change_sets.model.targets import Target, flag_target, price_target, rate_target, rule_target


async def read_targets(connection: Connection, keys: Iterable[Key]) -> dict[Key, Target]:
    """What is there for each key; sure to stay so only under the rulebook's lock and those of the products."""
    wanted: dict[str, list[Key]] = defaultdict(list)
    for key in keys:
        wanted[key[0]].append(key)
    found: dict[Key, Target] = {key: rate_target(None) for key in wanted["new rate"]}
    if wanted["rule"]:
        by_name: dict[str, list[RuleRecord]] = defaultdict(list)
        for rule in await list_active_rules(connection):
            by_name[rule.name].append(rule)
        for key in wanted["rule"]:
            newest = await newest_version(connection, key[1])
            found[key] = rule_target(by_name[key[1]], None if newest is None else newest.version)
    rates = await rates_by_id(connection, [UUID(key[1]) for key in wanted["rate"]])
    found |= {key: rate_target(rates.get(UUID(key[1]))) for key in wanted["rate"]}
    for key in wanted["flag"]:
        found[key] = flag_target(await flag_by_key(connection, key[1]))
    places = [PricePlace(UUID(key[1]), UUID(key[2]) if key[2] else None, key[3]) for key in wanted["price"]]
    for key, price in zip(wanted["price"], await read_current_prices(connection, places), strict=True):
        found[key] = price_target(None if price is None else price_number(price, key[3]))
    return found


async def targets_of(connection: Connection, contents: Contents) -> dict[Key, Target]:
    """What is there for each change of a set."""
    return await read_targets(connection, [entry.key for entry in contents.entries()])

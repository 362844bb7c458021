"""All queries of rates feed one reader that takes them apart by position: they name the columns it takes, in its order."""

import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.platform.postgres.queries import load_queries
from quote_service.pricing.commission.stored_rate import StoredRate
from quote_service.rulebook.snapshot.model.errors import ColumnsDiffer
from quote_service.rulebook.snapshot.tables import rulebook_rows
from quote_service.rulebook.snapshot.tables.rulebook_rows import RateReader
from quote_service.rulebook.snapshot.tables.versioned_rows import VERSIONED_ROWS
from tests.postgres.rows import insert_rate

QUERIES = {
    f"{subject}.{name}": load_queries(rulebook_rows.__file__, subject, VERSIONED_ROWS)[name]
    for subject, name in (
        ("rulebook_rows", "rates"),
        ("past_rulebook", "past_rates"),
        ("past_changes", "rates_since"),
        ("rows_between", "rates"),
    )
}
COLUMNS = StoredRate.__struct_fields__


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
async def test_queries_of_rates_answer_with_the_fields_of_a_stored_rate(database: Database, query: str) -> None:
    async with database.read() as connection:
        statement = await connection.prepare(query)
        assert tuple(column.name for column in statement.get_attributes()) == COLUMNS


@pytest.mark.parametrize("position", range(len(COLUMNS) - 1), ids=COLUMNS[:-1])
async def test_a_column_that_moved_is_noticed_before_a_rate_is_read(database: Database, position: int) -> None:
    current = QUERIES["rulebook_rows.rates"]
    columns = VERSIONED_ROWS["rate_columns"].split(",\n")
    columns[position : position + 2] = reversed(columns[position : position + 2])
    moved = current.replace(VERSIONED_ROWS["rate_columns"], ",\n".join(columns))
    async with database.transaction() as connection:
        identifier = await insert_rate(connection)
        rows = await connection.fetch(current, 0)
        rows_moved = await connection.fetch(moved, 0)
    assert identifier in {rate.id for rate in RateReader().read_all(rows)}
    with pytest.raises(ColumnsDiffer, match=COLUMNS[position]):
        RateReader().read_all(rows_moved)

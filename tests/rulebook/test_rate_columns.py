"""Two queries feed one reader that takes rates apart by position: both name the columns it takes, in its order."""

import pytest

from quote_service.postgres.pool import Database
from quote_service.postgres.queries import load_queries
from quote_service.pricing.commission.stored_rate import StoredRate
from quote_service.rulebook.tables import rulebook_rows
from quote_service.rulebook.tables.rulebook_rows import RateReader
from quote_service.rulebook.words.errors import ColumnsDiffer
from tests.postgres.rows import insert_rate

CURRENT = load_queries(rulebook_rows.__file__, "rulebook_rows")["rates"]
PAST = load_queries(rulebook_rows.__file__, "past_rulebook")["past_rates"]
COLUMNS = StoredRate.__struct_fields__


@pytest.mark.parametrize("query", [CURRENT, PAST], ids=["current", "past"])
async def test_both_queries_answer_with_the_fields_of_a_stored_rate(database: Database, query: str) -> None:
    async with database.read() as connection:
        statement = await connection.prepare(query)
        assert tuple(column.name for column in statement.get_attributes()) == COLUMNS


@pytest.mark.parametrize("position", range(len(COLUMNS) - 1), ids=COLUMNS[:-1])
async def test_a_column_that_moved_is_noticed_before_a_rate_is_read(database: Database, position: int) -> None:
    head, _, tail = CURRENT.partition("\nFROM")
    columns = head.removeprefix("SELECT").split(",\n")
    columns[position : position + 2] = reversed(columns[position : position + 2])
    async with database.transaction() as connection:
        identifier = await insert_rate(connection)
        rows = await connection.fetch(CURRENT, 0)
        moved = await connection.fetch("SELECT" + ",\n".join(columns) + "\nFROM" + tail, 0)
    assert identifier in {rate.id for rate in RateReader().read_all(rows)}
    with pytest.raises(ColumnsDiffer, match=COLUMNS[position]):
        RateReader().read_all(moved)

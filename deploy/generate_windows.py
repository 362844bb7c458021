"""Makes `quote_service/intelligence/market_analysis/tables/sql/window_batch.sql`, which counts a batch in PostgreSQL, from the transformation.

    make windows

The transformation, `quote_service/intelligence/market_analysis/model/transformations/windows.py`, is written in the DataFrame API of PySpark;
Spark runs it as it stands, and sqlframe writes it as SQL. A consumer counts with that SQL in the transaction that notes what it
has handled, and so needs no engine of its own. A test makes it again and compares.
"""

from pathlib import Path
from typing import Any

from quote_service.intelligence.market_analysis.model.transformations.dataframes import Api
from quote_service.intelligence.market_analysis.model.transformations.windows import count_windows, placed_moments
from quote_service.intelligence.market_analysis.model.windows.moments import MOMENT_KINDS

TARGET = Path(__file__).parents[1] / "quote_service/intelligence/market_analysis/tables/sql/window_batch.sql"

_FILE = """-- Made from `quote_service/intelligence/market_analysis/model/transformations/windows.py` by `make windows`: change that, not this.

-- name: count_windows
-- The moments of a batch, each column as an array; the first argument is the width of windows.
WITH moments AS (
    SELECT $1::bigint AS width_us, {columns}
    FROM unnest(
        {arrays}
    ) AS given ({names})
)
{counting};
"""


def windows_sql() -> str:
    """The file's text."""
    from sqlframe.standalone import StandaloneSession, Window
    from sqlframe.standalone import functions as sql_functions

    session: Any = StandaloneSession()
    session.catalog.add_table("moments", {**MOMENT_KINDS, "width_us": "bigint"})
    api = Api(sql_functions, Window)
    counted = count_windows(api, placed_moments(api, session.table("moments")))
    # What sqlframe calls by Spark's name, PostgreSQL has under another.
    counting = counted.sql(dialect="postgres").replace("ARRAY_UNIQUE_AGG(", "ARRAY_AGG(DISTINCT ")
    arrays = (
        f"${place}::{kind.replace('string', 'text')}[]" for place, kind in enumerate(MOMENT_KINDS.values(), start=2)
    )
    columns = ('mark COLLATE "C" AS mark' if name == "mark" else name for name in MOMENT_KINDS)
    return _FILE.format(
        columns=", ".join(columns), arrays=", ".join(arrays), names=", ".join(MOMENT_KINDS), counting=counting
    )


if __name__ == "__main__":
    TARGET.write_text(windows_sql(), "utf-8")

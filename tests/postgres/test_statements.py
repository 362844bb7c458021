"""Every declared statement against the real schema, and how signatures are read.

Source: docs/decisions/statements.md.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin
from uuid import UUID

import asyncpg
import msgspec
import pytest
from asyncpg import Record
from asyncpg.types import Type

import quote_service
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.postgres.queries import QueryMissing
from quote_service.platform.postgres.statement_arguments import Argument
from quote_service.platform.postgres.statement_rows import Answer
from quote_service.platform.postgres.statement_types import without_none
from quote_service.platform.postgres.statements import Affected, Query, Statements
from quote_service.platform.system.errors import NotFound

PACKAGE = Path(quote_service.__path__[0])
VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
#: Of reports: the table or the columns are put in, or a part that another statement is made of.
WITH_NAMES_PUT_IN = {
    "add_minutes",
    "first_to_cluster",
    "first_to_make_again",
    "forget",
    "forget_quarters",
    "lay_by_key",
    "many_rows",
    "remove_from",
    "remove_hours_from",
    "take_unfolded",
    "unfolded",
}
KINDS: Mapping[type, frozenset[str]] = {
    bool: frozenset({"bool"}),
    int: frozenset({"int2", "int4", "int8", "oid"}),
    str: frozenset({"text", "varchar", "bpchar", "char", "name", "json", "jsonb"}),
    float: frozenset({"float4", "float8"}),
    Decimal: frozenset({"numeric"}),
    UUID: frozenset({"uuid"}),
    datetime: frozenset({"timestamptz", "timestamp"}),
    date: frozenset({"date"}),
    timedelta: frozenset({"interval"}),
    bytes: frozenset({"bytea"}),
}


Declare = Callable[[str], Statements]


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    name: str
    note: str | None = None

    @property
    def loud(self) -> str:
        """A property may be named too."""
        return self.name.upper()


class Pair(NamedTuple):
    number: int
    word: str


class Colour(StrEnum):
    RED = "red"


def every_statements() -> list[Statements]:
    for module in pkgutil.walk_packages(quote_service.__path__, "quote_service."):
        if ".tables." in module.name or module.name.startswith("quote_service.platform.postgres."):
            importlib.import_module(module.name)
    return [each for each in Statements.every if Path(each.beside).is_relative_to(PACKAGE)]


def expected(hint: Any, *, is_sent: bool) -> frozenset[str]:
    """The types of PostgreSQL that a type in Python goes with; empty for any."""
    plain, _ = without_none(hint)
    if get_origin(plain) is Literal:
        plain = type(get_args(plain)[0])
    for kind in (str, Decimal):
        plain = kind if isinstance(plain, type) and issubclass(plain, kind) else plain
    if plain in (None, Any, object):
        return frozenset()
    kinds = KINDS.get(plain, frozenset({f"none is {plain}"}))
    # What the driver makes of others too.
    further = {int: KINDS[Decimal] | KINDS[float], float: KINDS[Decimal], str: KINDS[UUID]}
    return kinds | further.get(plain, frozenset()) if is_sent else kinds


def mistakes_of_type(where: str, found: Type, hint: Any, *, is_array: bool, is_sent: bool) -> Iterator[str]:
    plain, _ = without_none(hint)
    if not is_array and get_origin(plain) is list:
        plain, is_array = get_args(plain)[0], True
    kinds = expected(plain, is_sent=is_sent)
    if kinds and (found.name.removesuffix("[]") not in kinds or found.name.endswith("[]") != is_array):
        yield f"{where} is {found.name}, not {hint}"


def mistakes_of_arguments(arguments: Sequence[Argument], found: Sequence[Type]) -> Iterator[str]:
    if len(arguments) != len(found):
        yield f"takes {len(found)} parameters, not {len(arguments)}"
    for argument, kind in zip(arguments, found, strict=False):
        yield from mistakes_of_type(f"${argument.path}", kind, argument.type, is_array=argument.is_array, is_sent=True)


def mistakes_of_columns(answer: Answer, found: Sequence[asyncpg.Attribute]) -> Iterator[str]:
    columns = answer.columns
    if columns is None or answer.fetch == "execute":
        return
    names = [each.name for each in found]
    if answer.is_by_name:
        needed = {column.name for column in columns if column.is_required}
        if not needed <= set(names) <= {column.name for column in columns}:
            yield f"has the columns {names}, not {[column.name for column in columns]}"
        pairs = [(column, each) for column in columns for each in found if each.name == column.name]
    else:
        if len(found) != len(columns) or any(
            c.name not in (None, name) for c, name in zip(columns, names, strict=True)
        ):
            yield f"has the columns {names}, not {[column.name for column in columns]}"
        pairs = list(zip(columns, found, strict=False))
    for column, each in pairs:
        yield from mistakes_of_type(each.name, each.type, column.type, is_array=False, is_sent=False)


async def mistakes_of(connection: Connection, query: Query) -> list[str]:
    try:
        prepared = await connection.prepare(query.text)
    except asyncpg.PostgresError as refusal:
        return [f"is refused: {refusal}"]
    return [
        *mistakes_of_arguments(query.arguments, prepared.get_parameters()),
        *mistakes_of_columns(query.answer, prepared.get_attributes()),
    ]


async def test_every_declared_statement_fits_the_schema_and_its_signature(database: Database) -> None:
    found, statements = [], every_statements()
    assert sum(len(each.queries) for each in statements) > 300
    async with database.read() as connection:
        for each in statements:
            for name, query in each.queries.items():
                where = f"{Path(each.beside).relative_to(PACKAGE)}: {name}"
                found += [f"{where} {mistake}" for mistake in await mistakes_of(connection, query)]
    assert not found, "\n".join(found)


def not_declared(statements: Sequence[Statements]) -> Iterator[tuple[Statements, str]]:
    """Statements that no signature declares; a file may be shared by modules."""
    declared = {(Path(each.beside).parent, each.subject, name) for each in statements for name in each.queries}
    return (
        (each, name)
        for each in statements
        for name in each
        if (Path(each.beside).parent, each.subject, name) not in declared
    )


async def test_every_other_statement_fits_the_schema(database: Database) -> None:
    found = []
    async with database.read() as connection:
        for each, name in not_declared(every_statements()):
            if re.sub(r"--[^\n]*", "", each[name]).lstrip().startswith(VERBS) and name not in WITH_NAMES_PUT_IN:
                try:
                    await connection.prepare(each[name])
                except asyncpg.PostgresError as refusal:
                    found.append(f"{each.subject}.sql: {name}: {refusal}")
    assert not found, "\n".join(found)


def test_every_function_without_a_body_is_declared() -> None:
    """mypy allows empty bodies where statements are declared; a forgotten decorator would answer None."""
    found = [
        f"{path.relative_to(PACKAGE)}: {node.name}"
        for path in PACKAGE.glob("*/tables/**/*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.returns is not None
        and ast.unparse(node.returns) != "None"
        and len(node.body) == 1
        and isinstance(node.body[0], ast.Expr)
        and isinstance(node.body[0].value, ast.Constant)
        and not any(
            isinstance(each, ast.Call) and ast.unparse(each.func).endswith(".query") for each in node.decorator_list
        )
    ]
    assert not found


def test_no_statement_is_left_that_nothing_uses() -> None:
    sources = {path: path.read_text("utf-8") for path in PACKAGE.rglob("*.py")}
    queries = [path.read_text("utf-8") for path in PACKAGE.rglob("*.sql")]
    found = [
        f"{each.subject}.sql: {name}"
        for each, name in not_declared(every_statements())
        if not any(f'"{name}"' in text for text in sources.values()) and not any(f":{name}" in text for text in queries)
    ]
    assert not found


@pytest.fixture
def declare(tmp_path: Path) -> Iterator[Declare]:
    """Statements of a text."""
    before = list(Statements.every)

    def make(text: str) -> Statements:
        (tmp_path / "sql").mkdir(exist_ok=True)
        (tmp_path / "sql" / "things.sql").write_text(text)
        return Statements(str(tmp_path / "module.py"), "things")

    yield make
    Statements.every[:] = before


async def test_rows_are_read_as_the_answer_says(database: Database, declare: Declare) -> None:
    statements = declare("""
-- name: things
SELECT n AS id, 'a' || n AS name FROM generate_series(1, $1::integer) AS n;
-- name: one
SELECT $1::integer AS id, 'x' AS name WHERE $1 > 0;
-- name: pairs
SELECT n AS number, 'w' AS word FROM generate_series(1, 2) AS n;
-- name: by_pair
SELECT n AS number, 'w' AS word, n * 10 AS id, 'deep' AS name, NULL AS note FROM generate_series(1, 2) AS n;
-- name: by_id
SELECT n AS id, 'x' AS name FROM generate_series(1, 2) AS n;
-- name: numbers
SELECT n FROM generate_series(1, 2) AS n;
-- name: is_there
SELECT true WHERE $1::integer > 0;
-- name: made
SELECT 5 AS units, 2 AS id, 'kg' AS unit, 'new' AS note;
""")

    @statements.query()
    async def things(connection: Connection, limit: int = 1) -> Sequence[Thing]: ...

    @statements.query(missing="There is no such thing")
    async def one(connection: Connection, number: int) -> Thing: ...

    @statements.query()
    async def pairs(connection: Connection) -> set[Pair]: ...

    @statements.query()
    async def by_pair(connection: Connection) -> dict[Pair, Thing]: ...

    @statements.query(key="id")
    async def by_id(connection: Connection) -> dict[int, Thing]: ...

    @statements.query()
    async def numbers(connection: Connection) -> tuple[int, ...]: ...

    @statements.query()
    async def is_there(connection: Connection, number: int) -> bool: ...

    @statements.query(columns={"name": (lambda units, unit: f"{units} {unit}", "units", "unit")})
    async def made(connection: Connection) -> Thing: ...

    async with database.read() as connection:
        assert await things(connection) == [Thing(id=1, name="a1")]
        assert await things(connection, limit=2) == [Thing(id=1, name="a1"), Thing(id=2, name="a2")]
        assert await one(connection, 7) == Thing(id=7, name="x")
        with pytest.raises(NotFound, match="no such thing"):
            await one(connection, 0)
        assert await pairs(connection) == {Pair(1, "w"), Pair(2, "w")}
        assert (await by_pair(connection))[Pair(2, "w")] == Thing(id=20, name="deep")
        assert await by_id(connection) == {1: Thing(id=1, name="x"), 2: Thing(id=2, name="x")}
        assert await numbers(connection) == (1, 2)
        assert [await is_there(connection, number) for number in (0, 1)] == [False, True]
        assert await made(connection) == Thing(id=2, name="5 kg", note="new")


async def test_what_is_sent_is_spread_in_order_or_named(database: Database, declare: Declare) -> None:
    statements = declare("""
-- name: spread
SELECT concat_ws(',', $1::integer, $2::text, $3::text, $4::text, $5::integer[], $6::text[], $7::text[], $8::integer[]);
-- name: named
-- What stands in a comment counts for nothing: $9, $nobody.
SELECT concat_ws(',', $thing.loud::text, $pairs.word::text[], $sums.value::integer[], $at.1::text, $thing.loud::text, $best.word::text);
""")

    @statements.query(arguments={"colour": str.upper})
    async def spread(
        connection: Connection,
        thing: Thing,
        colour: Colour | None,
        pairs: Sequence[Pair],
        *,
        sums: Mapping[str, int],
    ) -> str: ...

    @statements.query()
    async def named(
        connection: Connection,
        thing: Thing,
        pairs: Iterable[Pair],
        sums: Mapping[str, int],
        at: tuple[int, str],
        best: Pair | None,
    ) -> str: ...

    pairs, sums = [Pair(1, "one"), Pair(2, "two")], {"a": 5}
    async with database.read() as connection:
        for colour, written in ((Colour.RED, "RED,"), (None, "")):
            made = await spread(connection, Thing(id=1, name="n"), colour, pairs, sums=sums)
            assert made == f"1,n,{written}{{1,2}},{{one,two}},{{a}},{{5}}"
        thing = Thing(id=1, name="n")
        assert await named(connection, thing, iter(pairs), sums, (1, "x"), None) == "N,{one,two},{5},x,N"
        assert await named(connection, thing, [], {}, (1, "x"), Pair(1, "y")) == "N,{},{},x,N,y"


async def test_what_is_written_is_counted(database: Database, declare: Declare) -> None:
    statements = declare("-- name: write\nUPDATE rulebook_state SET version = version;\n-- name: run\nSELECT 1;")

    @statements.query()
    async def write(connection: Connection) -> Affected: ...

    @statements.query(custom_plan=True, timeout=5)
    async def run(connection: Connection) -> None:
        """Runs."""

    async with database.transaction() as connection:
        assert await write(connection) == 1
        await run(connection)
        assert await connection.fetchval("SHOW plan_cache_mode") == "force_custom_plan"


def test_a_signature_that_does_not_fit_is_found_at_import(declare: Declare) -> None:
    statements = declare(
        "-- name: one\nSELECT $1::integer;\n-- name: two\nSELECT $number, $1;\n-- name: three\nSELECT $number;"
    )
    with pytest.raises(TypeError, match=r"things\.sql, one: .*\$1.*first"):

        @statements.query()
        async def one(connection: Connection, first: int, second: int) -> int: ...

    with pytest.raises(TypeError, match="numbered or named"):

        @statements.query()
        async def two(connection: Connection, number: int) -> int: ...

    with pytest.raises(TypeError, match="other"):

        @statements.query()
        async def three(connection: Connection, other: int) -> int: ...

    with pytest.raises(QueryMissing, match="four"):

        @statements.query()
        async def four(connection: Connection) -> int: ...


async def test_a_column_or_type_that_does_not_fit_is_found_by_preparing(database: Database, declare: Declare) -> None:
    statements = declare("""
-- name: columns
SELECT 1 AS id, 'x' AS title;
-- name: order_of
SELECT 'x' AS word, 1 AS number;
-- name: types
SELECT $1::text AS id, 'x' AS name;
-- name: gone
SELECT id FROM things_that_are_gone;
""")

    @statements.query()
    async def columns(connection: Connection) -> Thing: ...

    @statements.query()
    async def order_of(connection: Connection) -> list[Pair]: ...

    @statements.query()
    async def types(connection: Connection, number: Annotated[int, "counted"]) -> Thing: ...

    @statements.query()
    async def gone(connection: Connection) -> list[Record]: ...

    async with database.read() as connection:
        found = {name: await mistakes_of(connection, query) for name, query in statements.queries.items()}
    assert [len(found[name]) for name in ("columns", "types", "gone")] == [1, 2, 1]
    assert "has the columns ['word', 'number']" in found["order_of"][0]
    assert "title" in found["columns"][0]
    assert found["types"] == [f"$number is text, not {int}", f"id is text, not {int}"]
    assert "is refused" in found["gone"][0]

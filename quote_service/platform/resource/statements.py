"""The SQL of a resource. `tests/resource/test_statements.py` prepares every statement on the schema.

Source: docs/decisions/declared-resources.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass

#: Columns that every table of a resource has, beside those of its draft.
AUTHORSHIP = ("created_by", "created_at", "changed_by", "updated_at")


@dataclass(frozen=True)
class ResourceStatements:
    """Texts for PostgreSQL; the driver prepares each once for a connection.

    Attributes:
        written: The columns that a draft writes, in the order of the parameters behind the id.
        read: The record of an id.
        begin: Waits for other changes of the table, and keeps them waiting until the transaction ends.
        hold: Keeps a row from whoever would change it, and not from those who refer to it.
        hold_alone: Keeps it from those as well.
        insert: The id, the draft, the author and the instant.
        update: The same.
        delete: The id.
        known: Which of the ids there are; they stay until the transaction ends.
        count: How many there are.
        source: All records, for a list.
    """

    written: tuple[str, ...]
    read: str
    begin: str
    hold: str
    hold_alone: str
    insert: str
    update: str
    delete: str
    known: str
    count: str
    source: str

    def texts(self) -> tuple[str, ...]:
        """Each statement."""
        return tuple(text for text in astuple(self) if isinstance(text, str))


def statements_of(
    table: str, kept: Sequence[str], computed: Mapping[str, str], written: tuple[str, ...], only: str
) -> ResourceStatements:
    """The statements for a table; names and conditions are ours, and nothing that anybody sends is in them.

    A row's version and instant go up with the statement; a table may have a trigger that does the same.
    """
    columns = ", ".join(f"{computed[name]} AS {name}" if name in computed else name for name in kept)
    source = f"SELECT {columns} FROM {table}"
    one = f"WHERE id = $1 AND {only}" if only else "WHERE id = $1"
    places = [f"${number}" for number in range(2, len(written) + 2)]
    author, at = f"${len(written) + 2}", f"${len(written) + 3}"
    changes = ", ".join(f"{name} = {place}" for name, place in zip(written, places, strict=True))
    return ResourceStatements(
        written=written,
        read=f"{source} {one}",
        begin=f"SELECT pg_advisory_xact_lock(hashtext('{table}'))",
        hold=f"SELECT id FROM {table} {one} FOR NO KEY UPDATE",
        hold_alone=f"SELECT id FROM {table} {one} FOR UPDATE",
        insert=f"INSERT INTO {table} ({', '.join(('id', *written, *AUTHORSHIP))}) "
        f"VALUES ({', '.join(('$1', *places, author, at, author, at))})",
        update=f"UPDATE {table} SET {changes}, changed_by = {author}, updated_at = {at}, version = version + 1 WHERE id = $1",
        delete=f"DELETE FROM {table} WHERE id = $1",
        known=f"SELECT id FROM {table} WHERE id = ANY ($1::uuid[]) FOR KEY SHARE",
        count=f"SELECT count(*) FROM {table}",
        source=f"{source} WHERE {only}" if only else source,
    )

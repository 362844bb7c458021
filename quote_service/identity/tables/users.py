"""People: their accounts, and what of them a change to access touches.

Source: docs/spec/access.md#people.
"""

from collections.abc import Collection
from datetime import datetime

from asyncpg import Record

from quote_service.identity.model.people import Account, User
from quote_service.platform.callers.access import Role
from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.records import record_of

STATEMENTS = Statements(__file__, "users")


def _account(row: Record | None) -> Account | None:
    if row is None:
        return None
    return Account(user=_user(row), password_hash=row["password_hash"], generation=row["generation"])


def _user(row: Record) -> User:
    return record_of(User, row, id=str(row["id"]), second_factor_since=row["second_factor_at"])


@STATEMENTS.query(row=_account)
async def insert_user(
    connection: Connection, user_id: str, email: str, password_hash: str, role: Role, at: datetime
) -> Account | None:
    """Add a person; None if the address is taken."""


@STATEMENTS.query(row=_account)
async def account_by_email(connection: Connection, email: str) -> Account | None:
    """The account of an address in its one spelling."""


@STATEMENTS.query(row=_account)
async def account_by_id(connection: Connection, user_id: str) -> Account | None:
    """The account of a person."""


@STATEMENTS.query(row=_account)
async def lock_account(connection: Connection, user_id: str) -> Account | None:
    """The account, its row held until the transaction ends."""


async def update_account(
    connection: Connection,
    user_id: str,
    *,
    role: Role,
    is_active: bool,
    password_hash: str,
    at: datetime,
) -> Account:
    """Write what may change of a person, as one new version and one new generation of tokens."""
    updated = _account(
        await connection.fetchrow(STATEMENTS["update_account"], user_id, role, is_active, password_hash, at)
    )
    assert updated is not None  # the caller holds the row
    return updated


async def erase_account(connection: Connection, user_id: str, email: str, at: datetime) -> Account:
    """Put another address in place of a person's and let nobody log in with it, as one new version and generation."""
    erased = _account(await connection.fetchrow(STATEMENTS["erase_account"], user_id, email, at))
    assert erased is not None  # the caller holds the row
    return erased


async def note_second_factor(connection: Connection, user_id: str, since: datetime | None, at: datetime) -> Account:
    """A second factor is asked for from now on, or no longer, as one new version."""
    noted = _account(await connection.fetchrow(STATEMENTS["note_second_factor"], user_id, since, at))
    assert noted is not None  # the caller holds the row
    return noted


@STATEMENTS.query()
async def note_login(connection: Connection, user_id: str, at: datetime) -> None:
    """Write down when the person last logged in; no new version."""


@STATEMENTS.query()
async def replace_password_hash(connection: Connection, user_id: str, old_hash: str, new_hash: str) -> None:
    """Keep the same password under newer parameters, unless it has been changed meanwhile."""


@STATEMENTS.query(row=lambda row: str(row["id"]))
async def lock_active_admins(connection: Connection) -> list[str]:
    """The ids of all admins who can log in, their rows held, so that two of them cannot remove each other at once."""


@STATEMENTS.query(row=lambda row: str(row["id"]))
async def active_with_roles(connection: Connection, user_ids: Collection[str], roles: Collection[Role]) -> set[str]:
    """Those of some people who can log in and have one of the roles."""


USER_ROWS = ListedRows(
    User,
    STATEMENTS["users"],
    sorts=("email", "role", "created_at", "updated_at", "last_login_at"),
    search=("email",),
    conditions={"email": "listed.email = lower(btrim({}))"},
    make=_user,
)

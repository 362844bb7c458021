"""`quote-service users add|list|password|deactivate|second-factor`: above all the first admin of a new installation.

Source: docs/spec/access.md#people.
"""

import sys

import click

from quote_service.identity.model.people import PASSWORD_LENGTH_MIN, User, UserDraft, UserPatch, email_of
from quote_service.identity.operations.factors.change_factor import reset_factor
from quote_service.identity.operations.people.change_user import change_user
from quote_service.identity.operations.people.create_user import check_user, create_user
from quote_service.identity.operations.people.passwords import Passwords
from quote_service.identity.operations.people.reset_password import reset_password
from quote_service.identity.tables.users import USER_ROWS, account_by_email
from quote_service.platform.callers.access import ROLES, Role
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import NotFound
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.serving.cli.administration import change_at_terminal, with_database
from quote_service.serving.cli.refusals import refuse

_PASSWORD_LENGTH_MAX = 128
_PASSWORD_STDIN = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input instead of asking for it."
)


@click.group()
def users() -> None:
    """Create, list and deactivate users, and reset their passwords."""


@users.command()
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), help="Role of the user; asked for unless given.")
@_PASSWORD_STDIN
def add(email: str, role: Role | None, password_stdin: bool) -> None:
    """Create a user; asks for the role and the password."""
    if role is None and password_stdin:
        raise refuse(f"--password-stdin needs --role ({', '.join(ROLES)})")
    chosen: Role = click.prompt("Role", type=click.Choice(ROLES)) if role is None else role
    password = _new_password(password_stdin)
    draft = UserDraft(email=email, password=password, role=chosen)

    async def work(database: Database) -> User:
        check_user(draft)
        password_hash = await _hash(password)
        async with database.transaction() as connection:
            return await create_user(Change.within(connection, change_at_terminal()), draft, password_hash)

    user = with_database(work)
    click.echo(f"{user.email} can log in as {user.role}")


@users.command("list")
def list_users() -> None:
    """List all users: e-mail address, role, and whether they are active."""

    async def work(database: Database) -> list[User]:
        async with database.read() as connection:
            return await USER_ROWS.every(connection)

    for user in with_database(work):
        click.echo(f"{user.email}\t{user.role}\t{'active' if user.is_active else 'deactivated'}")


@users.command()
@click.argument("email")
@_PASSWORD_STDIN
def password(email: str, password_stdin: bool) -> None:
    """Set a new password for a user; asks for it. All sessions end, and failed login attempts are forgotten."""
    new_password = _new_password(password_stdin)

    async def work(database: Database) -> User:
        async with database.read() as connection:
            account = await account_by_email(connection, email_of(email))
        if account is None:
            raise NotFound("There is no such user")
        check_user(UserDraft(email=account.user.email, password=new_password, role=account.user.role))
        new_hash = await _hash(new_password)
        async with database.transaction() as connection:
            return await reset_password(Change.within(connection, change_at_terminal()), account, new_hash)

    user = with_database(work)
    ending = "" if user.is_active else ", but is deactivated"
    click.echo(f"{user.email} has a new password{ending}")


@users.command()
@click.argument("email")
def deactivate(email: str) -> None:
    """Deactivate a user; sessions end within a second."""

    async def work(database: Database) -> User:
        async with database.transaction() as connection:
            account = await account_by_email(connection, email_of(email))
            if account is None:
                raise NotFound("There is no such user")
            gone = UserPatch(is_active=False)
            return await change_user(
                Change.within(connection, change_at_terminal()), account.user.id, gone, UNCONDITIONAL
            )

    click.echo(f"{with_database(work).email} can no longer log in")


@users.command("second-factor")
@click.argument("email")
def second_factor(email: str) -> None:
    """Reset the second factor of a user who has lost it; all sessions end."""

    async def work(database: Database) -> User:
        async with database.transaction() as connection:
            account = await account_by_email(connection, email_of(email))
            if account is None:
                raise NotFound("There is no such user")
            await reset_factor(Change.within(connection, change_at_terminal()), account.user.id)
            return account.user

    click.echo(f"{with_database(work).email} has no second factor any more")


def _new_password(from_stdin: bool) -> str:
    """A password from standard input or the terminal; never from the command line, which others on the machine can read."""
    if from_stdin:
        given = sys.stdin.readline().rstrip("\r\n")
    else:
        given = str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    if not PASSWORD_LENGTH_MIN <= len(given) <= _PASSWORD_LENGTH_MAX:
        raise refuse(f"The password must have {PASSWORD_LENGTH_MIN} to {_PASSWORD_LENGTH_MAX} characters")
    return given


async def _hash(password: str) -> str:
    passwords = Passwords()
    try:
        return await passwords.hash(password)
    finally:
        passwords.close()

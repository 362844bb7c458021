"""`quote-service users add|list|deactivate`: above all the first admin of a new installation.

Source: spec 8.
"""

import sys
from typing import get_args

import click

from quote_service.cli.administration import change_at_terminal, with_database
from quote_service.cli.refusals import refuse
from quote_service.domain.access import Role
from quote_service.domain.errors import NotFound
from quote_service.domain.people import PASSWORD_LENGTH_MIN, User, UserDraft, UserPatch, email_of
from quote_service.domain.preconditions import UNCONDITIONAL
from quote_service.flows.change_user import change_user
from quote_service.flows.create_user import check_user, create_user
from quote_service.flows.passwords import Passwords
from quote_service.postgres.pool import Database
from quote_service.postgres.users import account_by_email, page_of_users

_PAGE_ROWS = 200
_PASSWORD_LENGTH_MAX = 128


@click.group()
def users() -> None:
    """Let people in, list them, let them in no longer."""


@users.command()
@click.argument("email")
@click.option("--role", type=click.Choice(get_args(Role)), default="admin", show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking for it.")
def add(email: str, role: Role, password_stdin: bool) -> None:
    """Let a person in."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _ask_password()
    if not PASSWORD_LENGTH_MIN <= len(password) <= _PASSWORD_LENGTH_MAX:
        raise refuse(f"The password must have {PASSWORD_LENGTH_MIN} to {_PASSWORD_LENGTH_MAX} characters")
    draft = UserDraft(email=email, password=password, role=role)

    async def work(database: Database) -> User:
        check_user(draft)
        passwords = Passwords()
        try:
            password_hash = await passwords.hash(password)
        finally:
            passwords.close()
        async with database.transaction() as connection:
            return await create_user(connection, change_at_terminal(), draft, password_hash)

    user = with_database(work)
    click.echo(f"{user.email} may log in as {user.role}")


@users.command("list")
def list_users() -> None:
    """List everybody: e-mail address, role, and whether let in."""

    async def work(database: Database) -> list[User]:
        found: list[User] = []
        async with database.read() as connection:
            while True:
                after = found[-1].id if found else None
                page = await page_of_users(
                    connection, role=None, is_active=None, email=None, after=after, limit=_PAGE_ROWS
                )
                found += page
                if len(page) < _PAGE_ROWS:
                    return found

    for user in with_database(work):
        click.echo(f"{user.email}\t{user.role}\t{'active' if user.is_active else 'deactivated'}")


@users.command()
@click.argument("email")
def deactivate(email: str) -> None:
    """Let a person in no longer; sessions end within a second."""

    async def work(database: Database) -> User:
        async with database.transaction() as connection:
            account = await account_by_email(connection, email_of(email))
            if account is None:
                raise NotFound("There is no such user")
            gone = UserPatch(is_active=False)
            return await change_user(connection, change_at_terminal(), account.user.id, gone, UNCONDITIONAL)

    click.echo(f"{with_database(work).email} may log in no longer")


def _ask_password() -> str:
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))

"""`quote-service secrets`."""

import base64
import secrets
from datetime import UTC, datetime

import click

from quote_service.platform.settings import KEY_BYTES_MIN


@click.command("secrets")
def make_secrets() -> None:
    """Make the secret keys of a service, as lines for an environment file.

    To rotate keys, put a new one in front of those that are there: the first signs, all verify.
    """
    # A key's id says when it was made, so that it can be seen which are old enough to go.
    kid = f"k{datetime.now(UTC):%Y%m%d}"
    for variable in ("QUOTE_JWT_KEYS", "QUOTE_SIGNING_KEYS", "QUOTE_RECEIPT_KEYS"):
        click.echo(f"{variable}={kid}:{base64.b64encode(secrets.token_bytes(KEY_BYTES_MIN)).decode()}")

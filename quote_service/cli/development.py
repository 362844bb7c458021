"""The development service that runs in a data directory, for commands that work on it.

Source: docs/spec/operations.md#devjson.
"""

from pathlib import Path

import msgspec

from quote_service.cli.refusals import refuse
from quote_service.dev.directory import DevJson, KeptSecrets, development_key
from quote_service.settings import Settings


def development_service(data_dir: Path) -> DevJson:
    """Where the service of a data directory is, or the end of the process with the reason why not."""
    try:
        return msgspec.json.decode((data_dir / "dev.json").read_bytes(), type=DevJson)
    except OSError as failure:
        raise refuse(f"No `quote-service dev` runs in {data_dir} ({failure.strerror})") from None


def development_settings(data_dir: Path) -> Settings:
    """Its database and its keys, as settings."""
    service = development_service(data_dir)
    kept = msgspec.json.decode((data_dir / "secrets.json").read_bytes(), type=KeptSecrets)
    return Settings(
        database_url=service.database_url,
        signing_keys=development_key(kept.signing_key),
        receipt_keys=development_key(kept.receipt_key),
    )

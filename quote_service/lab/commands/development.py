"""The development service that runs in a data directory, for commands that work on it.

Source: docs/spec/operations.md#devjson.
"""

from pathlib import Path
from typing import TypeVar

import msgspec

from quote_service.lab.dev.directory import DevJson, KeptSecrets, development_key
from quote_service.platform.settings import Settings
from quote_service.serving.cli.refusals import refuse

_Kept = TypeVar("_Kept")


def development_service(data_dir: Path) -> DevJson:
    """Where the service of a data directory is, or the end of the process with the reason why not."""
    return _kept(data_dir, "dev.json", DevJson)


def development_settings(data_dir: Path) -> Settings:
    """Its database and its keys, as settings."""
    service = development_service(data_dir)
    kept = _kept(data_dir, "secrets.json", KeptSecrets)
    return Settings(
        database_url=service.database_url,
        signing_keys=development_key(kept.signing_key),
        receipt_keys=development_key(kept.receipt_key),
    )


def _kept(data_dir: Path, name: str, kind: type[_Kept]) -> _Kept:
    try:
        return msgspec.json.decode((data_dir / name).read_bytes(), type=kind)
    except OSError as failure:
        raise refuse(f"No `quote-service dev` runs in {data_dir} ({failure.strerror})") from None
    except msgspec.DecodeError:
        raise refuse(f"{data_dir / name} is not what `quote-service dev` writes") from None

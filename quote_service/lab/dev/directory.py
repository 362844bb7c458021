"""What a development service keeps between its runs, and what it tells those who drive it.

    .quote-service/
      postgres/ valkey/     the servers' own data
      secrets.json          keys and credentials, the same at every start
      dev.json              where and how to reach the service, while it is ready
      seeded                the demonstration data has been put in

Source: docs/spec/operations.md#devjson.
"""

import base64
import secrets
from pathlib import Path

import msgspec

from quote_service.lab.embedded.data_directory import DataDirectory
from quote_service.platform.settings import DEVELOPMENT_KID, KEY_BYTES_MIN, Key


class KeptSecrets(msgspec.Struct):
    """Made at the first start. The keys are base64; the credentials are those last given out."""

    jwt_key: str
    signing_key: str
    receipt_key: str
    admin_password: str | None = None
    api_key: str | None = None


class DevJson(msgspec.Struct, frozen=True):
    """`dev.json`, for scripts that drive the service."""

    url: str
    api_key: str
    admin_email: str
    admin_password: str
    admin_token: str
    database_url: str
    redis_url: str


class DevelopmentDirectory:
    """The data directory, taken for one process; see `DataDirectory` for what may be raised."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._directory = DataDirectory(self.path)
        self._secrets_file = self.path / "secrets.json"
        self._dev_json = self.path / "dev.json"
        self._seeded = self.path / "seeded"

    def claim(self) -> None:
        """Take the directory; a `dev.json` that a crashed run has left is removed."""
        self._directory.claim()
        self.retract()

    def release(self) -> None:
        """Let the next process have it."""
        self.retract()
        self._directory.release()

    def read_secrets(self) -> KeptSecrets:
        """The secrets of the last run, or new ones."""
        if self._secrets_file.exists():
            return msgspec.json.decode(self._secrets_file.read_bytes(), type=KeptSecrets)
        kept = KeptSecrets(_random_key(), _random_key(), _random_key())
        self.keep_secrets(kept)
        return kept

    def keep_secrets(self, kept: KeptSecrets) -> None:
        """Write the secrets, for the owner only."""
        self._directory.write_private(self._secrets_file, msgspec.json.encode(kept).decode())

    def publish(self, written: DevJson) -> None:
        """Write `dev.json`, whole and for the owner only."""
        text = msgspec.json.format(msgspec.json.encode(written), indent=2).decode()
        self._directory.write_private(self._dev_json, text + "\n")

    def retract(self) -> None:
        """Remove `dev.json`: nothing answers any more."""
        self._dev_json.unlink(missing_ok=True)

    @property
    def is_seeded(self) -> bool:
        return self._seeded.exists()

    def note_seeded(self) -> None:
        """Never put the demonstration data in again, so that what is changed of it stays changed."""
        self._directory.write_private(self._seeded, "")


def development_key(encoded: str) -> tuple[Key, ...]:
    """A kept secret as a setting; its id says that it is not for production."""
    return (Key(DEVELOPMENT_KID, base64.b64decode(encoded)),)


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES_MIN)).decode()

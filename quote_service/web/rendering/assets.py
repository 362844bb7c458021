"""The files that pages load, each under a path that changes with its bytes.

Source: docs/spec/web.md#assets.
"""

import gzip
import hashlib
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent.parent / "static"
_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}


class Asset(NamedTuple):
    """A file: its bytes, also packed, its kind and the path that it is loaded from."""

    body: bytes
    packed: bytes
    media_type: str
    path: str


def read_assets(folder: Path = FOLDER) -> dict[str, Asset]:
    """Every file by its name within the folder."""
    assets = {}
    for file in sorted(folder.rglob("*")):
        kind = _KINDS.get(file.suffix)
        if kind is None:
            continue
        name, body = file.relative_to(folder).as_posix(), file.read_bytes()
        digest = hashlib.sha256(body).hexdigest()[:16]
        assets[name] = Asset(body, gzip.compress(body, mtime=0), kind, f"/assets/{digest}/{name}")
    return assets

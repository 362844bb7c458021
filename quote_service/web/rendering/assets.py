"""The files that pages load, each under a path that changes with its bytes.

Source: docs/spec/web.md#assets.
"""

import gzip
import hashlib
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent.parent / "static"
_PACKED = ".gz"
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
    """Every file by its name within the folder; what lies there packed (`.gz`), by the name that it has unpacked."""
    assets = {}
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix().removesuffix(_PACKED)
        kind = _KINDS.get(Path(name).suffix)
        if kind is None:
            continue
        found = file.read_bytes()
        body, packed = (
            (gzip.decompress(found), found) if file.suffix == _PACKED else (found, gzip.compress(found, mtime=0))
        )
        digest = hashlib.sha256(body).hexdigest()[:16]
        assets[name] = Asset(body, packed, kind, f"/assets/{digest}/{name}")
    return assets

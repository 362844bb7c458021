"""`make release-corpus`: keep quotes of every kind as this release issues them, for the tests of those that follow.

Another checkout's are made with `make release-corpus ARGS="--code <folder> --release <name>"`: it needs no environment of its own.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import click
import msgspec

from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.lab.embedded.valkey_server import ValkeyServer
from tests.releases.corpus import FOLDER, make_corpus
from tests.releases.installation import CHECKOUT, installation


@click.command()
@click.option(
    "--code", default=CHECKOUT, type=click.Path(exists=True, file_okay=False, path_type=Path), help="The checkout."
)
@click.option("--release", help="Names the file; its version or commit unless given.")
def main(code: Path, release: str | None) -> None:
    """Start a release on servers of its own, let it issue, accept and order, and write what it issued."""
    release = release or _commit_of(code)
    with tempfile.TemporaryDirectory(prefix="quote-service-") as given:
        folder = Path(given).resolve()
        folder.chmod(0o755)
        postgres = PostgresServer(folder / "postgres", durable=False)
        postgres.start()
        try:
            with (
                ValkeyServer(folder / "valkey", append_only=False) as valkey,
                installation(code.resolve(), folder, postgres.url, valkey.url) as running,
            ):
                corpus = make_corpus(running, release)
        finally:
            postgres.discard()
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{release}.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(corpus), indent=1) + b"\n")
    click.echo(f"{path.relative_to(CHECKOUT)}: {len(corpus.quotes)} quotes")
    for name, why in corpus.left_out.items():
        click.echo(f"left out: {name}: {why}")


def _commit_of(code: Path) -> str:
    command = ["git", "rev-parse", "--short=7", "HEAD"]
    return subprocess.run(command, cwd=code, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    main()

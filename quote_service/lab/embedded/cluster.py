"""Making a PostgreSQL cluster (its folder of data) where the account that runs it can reach it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from quote_service.lab.embedded.accounts import SHELTERS, Account, can_write, shelter
from quote_service.lab.embedded.data_directory import DataDirectory
from quote_service.lab.embedded.errors import DataDirectoryUnwritable, ServerDidNotStart
from quote_service.lab.embedded.processes import ENVIRONMENT

INITDB_SECONDS = 120
SUPERUSER = "postgres"


def make_cluster(
    directory: DataDirectory,
    install: Path,
    account: Account | None,
    *,
    durable: bool,
    shelters: Sequence[Path] = SHELTERS,
) -> None:
    """Make `cluster` in the data directory: a folder, or a link to one in a shelter when the account needs that.

    The link and not the path says where a sheltered cluster is: a data directory that is moved keeps its data, one that
    is removed and made again starts empty. An interrupted start leaves no half-made cluster behind.

    Raises:
        DataDirectoryUnwritable: The folder cannot be made.
        NoAccountForPostgres: There is no shelter.
        ServerDidNotStart: initdb failed.
    """
    cluster = directory.path / "cluster"
    fresh = directory.path / "cluster.new"
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        fresh.mkdir(mode=0o700)
    except OSError as refused:
        raise DataDirectoryUnwritable(directory.path, refused.strerror or str(refused)) from refused
    if account is None or _hand_over(fresh, account):
        _initdb(directory, install, fresh, account, durable)
        fresh.rename(cluster)
        return
    fresh.rmdir()
    sheltered = Path(tempfile.mkdtemp(prefix="cluster-", dir=shelter(account, shelters)))
    try:
        os.chown(sheltered, account.uid, account.gid)
        _initdb(directory, install, sheltered, account, durable)
        cluster.symlink_to(sheltered)
    except BaseException:
        shutil.rmtree(sheltered, ignore_errors=True)
        raise


def remove_cluster(directory: DataDirectory) -> None:
    """Remove the cluster, wherever it is; nothing happens when there is none."""
    cluster = directory.path / "cluster"
    if cluster.exists():
        shutil.rmtree(cluster.resolve())
    if cluster.is_symlink():
        cluster.unlink()


def _hand_over(folder: Path, account: Account) -> bool:
    """Make the folder the account's own; False when it cannot work there all the same."""
    parent = folder.parent
    # The data directory is ours to open; the folders above it are not.
    parent.chmod(parent.stat().st_mode | 0o011)
    try:
        os.chown(folder, account.uid, account.gid)
    except PermissionError:  # a network share, as a rule
        return False
    return can_write(account, folder)


def _initdb(directory: DataDirectory, install: Path, target: Path, account: Account | None, durable: bool) -> None:
    password_copy = target.with_name(target.name + ".password")
    command = [
        str(install / "bin" / "initdb"),
        f"--pgdata={target}",
        f"--username={SUPERUSER}",
        f"--pwfile={password_copy}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        # Sorts alike on every platform; the C library's locales do not.
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-instructions",
        *([] if durable else ["--no-sync"]),
    ]
    directory.write_private(password_copy, directory.password() + "\n")
    try:
        if account is not None:
            os.chown(password_copy, account.uid, account.gid)
        with directory.open_log() as log:
            finished = subprocess.run(
                command,
                cwd="/",
                env=ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                timeout=INITDB_SECONDS,
                check=False,
                start_new_session=True,
                umask=0o077,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
    except subprocess.TimeoutExpired:
        reason = f"making the database took longer than {INITDB_SECONDS} s"
        raise ServerDidNotStart("PostgreSQL", reason, directory.log_path, directory.log_tail()) from None
    finally:
        password_copy.unlink(missing_ok=True)
    if finished.returncode != 0:
        reason = f"initdb ended with {finished.returncode}"
        raise ServerDidNotStart("PostgreSQL", reason, directory.log_path, directory.log_tail())

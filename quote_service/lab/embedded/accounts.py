"""Who runs PostgreSQL, and what that account can reach.

PostgreSQL refuses to run as root. Then a system account runs it, which must be able to reach the programs and the
data; folders above them are never opened up for that. What it cannot reach goes to a shelter: a folder of root's that
everyone may pass through, such as /var/lib/quote-service (not /tmp, which is emptied at boot, and not first /var/tmp,
where old files are swept).
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from quote_service.lab.embedded.errors import NoAccountForPostgres

# The accounts that systems bring along, best first; initdb wants one that has a name.
SYSTEM_ACCOUNTS = ("postgres", "_postgres", "nobody", "daemon")
SHELTERS = (Path("/var/lib/quote-service"), Path("/var/tmp/quote-service"))  # noqa: S108 (its owner is checked)
PROBE_SECONDS = 30


class Account(NamedTuple):
    """An account of this machine other than our own."""

    name: str
    uid: int
    gid: int


def account_for(cluster: Path) -> Account | None:
    """Who is to run PostgreSQL on a cluster: None for ourselves, unless we are root.

    Args:
        cluster: The cluster's folder; when it exists its owner stays the one who runs it.

    Raises:
        NoAccountForPostgres: We are root and the machine has no account to change to.
    """
    if os.geteuid() != 0:
        return None
    if cluster.exists() and (owner := cluster.stat().st_uid) != 0:
        try:
            account = _account(pwd.getpwuid(owner))
        except KeyError:
            raise NoAccountForPostgres(f"the owner of {cluster}, user id {owner}, has no account any more") from None
        _check_change_to(account)
        return account
    for name in SYSTEM_ACCOUNTS:
        try:
            account = _account(pwd.getpwnam(name))
        except KeyError:
            continue
        _check_change_to(account)
        return account
    raise NoAccountForPostgres(f"none of {', '.join(SYSTEM_ACCOUNTS)} exists")


def can_write(account: Account | None, folder: Path) -> bool:
    """Whether the account can come to the folder and make files in it."""
    script = 'cd "$1" && : > "$1/.probe-$2" && rm "$1/.probe-$2"'
    return _succeeds(account, ["/bin/sh", "-c", script, "probe", str(folder), str(os.getpid())])


def can_run(account: Account | None, install: Path) -> bool:
    """Whether the account can run the PostgreSQL installed there and read what belongs to it."""
    script = '"$1/bin/postgres" --version && "$1/bin/initdb" --version && test -r "$1/share/postgres.bki" && test -r "$1/lib"'
    return _succeeds(account, ["/bin/sh", "-c", script, "probe", str(install)])


def reachable_install(install: Path, account: Account | None, shelters: Sequence[Path] = SHELTERS) -> Path:
    """The installation itself, or a copy of it (38 MB, made once) where the account can run it.

    Raises:
        NoAccountForPostgres: There is no place for a copy.
    """
    if account is None or can_run(account, install):
        return install
    made = install.stat()
    key = hashlib.sha256(f"{install} {made.st_ino} {made.st_mtime_ns}".encode()).hexdigest()[:16]
    copy = shelter(account, shelters) / f"postgresql-{key}"
    package = install.parent
    if not copy.exists():
        with tempfile.TemporaryDirectory(dir=copy.parent) as scratch:
            fresh = Path(scratch) / "copy"
            for part in _parts(install):
                shutil.copytree(part, fresh / part.relative_to(package.parent), symlinks=True)
            _open_for_reading(fresh)
            try:
                fresh.rename(copy)
            except OSError:
                if not copy.exists():  # otherwise another start was quicker, and its copy is as good
                    raise
    copied = copy / install.relative_to(package.parent)
    if not can_run(account, copied):
        raise NoAccountForPostgres(f"user {account.name} cannot run the programs in {copied}")
    return copied


def _parts(install: Path) -> list[Path]:
    """The folders the programs need: their own, and the libraries the wheel keeps at a fixed place beside them."""
    package = install.parent
    beside = (package.parent / f"{package.name}.libs", package / ".dylibs")  # Linux, macOS
    return [install / "bin", install / "lib", install / "share", *(folder for folder in beside if folder.is_dir())]


def shelter(account: Account, shelters: Sequence[Path] = SHELTERS) -> Path:
    """A folder of root's that the account can pass through.

    Raises:
        NoAccountForPostgres: There is none.
    """
    for folder in shelters:
        try:
            folder.mkdir(mode=0o711)
            folder.chmod(0o711)  # whatever the umask says
        except FileExistsError:
            pass
        except OSError:
            continue
        found = folder.lstat()
        # In a folder open to everyone somebody else may have put this one, or a link, there before us.
        ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022
        if ours and _succeeds(account, ["/bin/sh", "-c", 'cd "$1"', "probe", str(folder)]):
            return folder
    raise NoAccountForPostgres(f"user {account.name} can reach none of {', '.join(map(str, shelters))}")


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _check_change_to(account: Account) -> None:
    try:
        _run_as(account, ["/bin/sh", "-c", ":"])
    except OSError as refused:
        # A container that maps a single user id, as a rule.
        raise NoAccountForPostgres(f"changing to user {account.name} is refused ({refused.strerror})") from refused


def _succeeds(account: Account | None, command: list[str]) -> bool:
    return _run_as(account, command).returncode == 0


def _run_as(account: Account | None, command: list[str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command,
        cwd="/",
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        timeout=PROBE_SECONDS,
        check=False,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def _open_for_reading(tree: Path) -> None:
    for folder, _, names in os.walk(tree):
        Path(folder).chmod(0o755)
        for path in (Path(folder) / name for name in names):
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)

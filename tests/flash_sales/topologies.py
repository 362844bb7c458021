"""Redis as it runs in production, on loopback: a cluster of primaries with replicas, or a primary that sentinels watch.

Nothing but `valkey-server` is needed: what a command-line tool would say to the servers is said here.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal

import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from quote_service.lab.embedded.ports import LOOPBACK, free_port
from quote_service.lab.embedded.valkey_server import ValkeyServer

PRIMARIES = 3
SLOTS = 16384
PATIENCE_SECONDS = 120.0
PRIMARY_NAME = "stock"
STOCK_USER = "stock"
STOCK_USER_PASSWORD = "a-word-for-tests"
Way = Literal["functions", "scripts"]
# The least that the service needs of the Redis that holds stock; docs/spec/flash-sales.md shows the same.
LEAST_RIGHTS = (
    "~{si:* -@all +hello +auth +ping +client|setinfo +client|setname +select +info +time +cluster|slots +asking"
    " +del +exists +pexpire"
    " +hget +hmget +hset +hdel +hincrby +hexists +hlen +hkeys +hgetall +zadd +zrem +zscore +zrange"
    " +xadd +xlen +xrange +xack +xdel +xreadgroup +xautoclaim +xpending +xgroup|create +xinfo|stream +xinfo|groups"
)
RIGHTS_OF_WAY: dict[Way, str] = {"functions": "+fcall +function|load", "scripts": "+evalsha +script|load"}


class Node(ValkeyServer):
    """A server with a client to give it orders by."""

    @contextmanager
    def orders(self) -> Iterator[Any]:
        # A server that gets another primary closes its connections.
        again = Retry(ConstantBackoff(0.05), 5)
        with redis.Redis.from_url(self.url, socket_timeout=5, retry=again) as client:
            yield client

    def report(self, *words: Any) -> Any:
        """Its answer to one order."""
        with self.orders() as client:
            return client.execute_command(*words)

    def info(self, section: str) -> Any:
        with self.orders() as client:
            return client.info(section)


def stock_user(way: Way) -> tuple[str, ...]:
    """The order that makes the user of the service, who has functions or sends scripts."""
    rights = f"{LEAST_RIGHTS} {RIGHTS_OF_WAY[way]}"
    return ("ACL SETUSER", STOCK_USER, "on", f">{STOCK_USER_PASSWORD}", *rights.split())


class Cluster:
    """Three primaries with a third of the slots each, and a replica for each of them."""

    def __init__(self, folder: Path, *, node_timeout_ms: int, settings: Mapping[str, str] | None = None) -> None:
        self.password = secrets.token_urlsafe(12)
        self.nodes = [
            Node(
                folder / f"node-{place}",
                append_only=False,
                password=self.password,
                settings={
                    "cluster-enabled": "yes",
                    "cluster-port": str(free_port()),
                    "cluster-node-timeout": str(node_timeout_ms),
                    "cluster-require-full-coverage": "no",
                    "cluster-replica-validity-factor": "0",
                    "masterauth": self.password,
                    "repl-diskless-sync-delay": "0",
                    "repl-ping-replica-period": "1",
                    **(settings or {}),
                },
            )
            for place in range(2 * PRIMARIES)
        ]

    @property
    def url(self) -> str:
        """For the user with all rights."""
        return f"redis+cluster://:{self.password}@" + ",".join(f"{LOOPBACK}:{node.port}" for node in self.nodes)

    def url_for(self, way: Way) -> str:
        """For a user with the least rights."""
        for node in self.nodes:
            node.report(*stock_user(way))
        return self.url.replace(f":{self.password}@", f"{STOCK_USER}:{STOCK_USER_PASSWORD}@")

    def start(self) -> None:
        start_together(self.nodes)
        ids = [node.report("CLUSTER MYID").decode() for node in self.nodes]
        for place, node in enumerate(self.nodes):
            node.report("CLUSTER SET-CONFIG-EPOCH", place + 1)
            if place < PRIMARIES:
                share = SLOTS // PRIMARIES
                last = SLOTS - 1 if place == PRIMARIES - 1 else (place + 1) * share - 1
                node.report("CLUSTER ADDSLOTSRANGE", place * share, last)
            if place:
                first = self.nodes[0]
                node.report("CLUSTER MEET", LOOPBACK, first.port, first.directive("cluster-port"))
        for node in self.nodes:
            until(partial(self._sees_all, node, len(ids)), "every node knows all of them")
        for place, node in enumerate(self.nodes[PRIMARIES:]):
            until(partial(replicates, node, ids[place]), "a replica has found its primary")
        for node in self.nodes:
            until(partial(self.is_well, node), "the cluster is well")

    def stop(self) -> None:
        for node in self.nodes:
            node.thaw()
            node.kill()

    def seen_by(self, node: Node) -> dict[str, Any]:
        """What a node knows of all nodes it has shaken hands with, by address."""
        known: dict[str, Any] = node.report("CLUSTER NODES")
        return {address: each for address, each in known.items() if "handshake" not in each["flags"]}

    def _sees_all(self, node: Node, count: int) -> bool:
        return len(self.seen_by(node)) == count

    def is_well(self, node: Node) -> bool:
        """Whether a node takes commands, and is a primary with a replica or a replica with a primary."""
        if node.report("CLUSTER INFO")["cluster_state"] != "ok":
            return False
        link = node.info("replication")
        return bool(link.get("connected_slaves", 0)) if link["role"] == "master" else link["master_link_status"] == "up"

    def primary_of(self, key: str) -> Node:
        """The running node that is the primary of a key."""
        for node in self.nodes:
            if node.is_running() and node.info("replication")["role"] == "master":
                slot = node.report("CLUSTER KEYSLOT", key)
                if any(first <= slot <= last for first, last in own_slots(node)):
                    return node
        raise LookupError(key)

    def shard_of(self, key: str) -> list[Node]:
        """The running nodes that have a key, the primary first."""
        primary = self.primary_of(key)
        slot = primary.report("CLUSTER KEYSLOT", key)
        ports = [int(node[1]) for first, last, *nodes in slots_of(primary) if first <= slot <= last for node in nodes]
        return [node for port in ports for node in self.nodes if node.port == port]

    def mend(self, *nodes: Node) -> None:
        """Start nodes that were killed, and wait until the cluster is as it was made."""
        for node in nodes:
            node.start()
            node.report(*stock_user("functions"))
        for node in self.nodes:
            until(partial(self.is_well, node), "the cluster is well again")

    def forget_everything(self) -> None:
        for node in self.nodes:
            if node.info("replication")["role"] == "master":
                node.report("FLUSHALL")

    def move_slot(self, key: str, source: Node, target: Node) -> None:
        """Move the slot of a key from one primary to another, one key after the other, as an operator does."""
        slot = source.report("CLUSTER KEYSLOT", key)
        source_id, target_id = (node.report("CLUSTER MYID").decode() for node in (source, target))
        target.report("CLUSTER SETSLOT", slot, "IMPORTING", source_id)
        source.report("CLUSTER SETSLOT", slot, "MIGRATING", target_id)
        while keys := source.report("CLUSTER GETKEYSINSLOT", slot, 1):
            source.report("MIGRATE", LOOPBACK, target.port, "", 0, 5000, "AUTH", self.password, "KEYS", *keys)
            time.sleep(0.05)  # some buyers find the keys of an item on two nodes
        primaries = [node for node in self.nodes if node.is_running() and node.info("replication")["role"] == "master"]
        for node in (target, source, *(one for one in primaries if one not in (source, target))):
            node.report("CLUSTER SETSLOT", slot, "NODE", target_id)

    def port_seen(self, key: str) -> int | None:
        """The port of the node that the others take for the primary of a key."""
        for node in self.nodes:
            if node.is_running():
                slot = node.report("CLUSTER KEYSLOT", key)
                for first, last, primary, *_ in slots_of(node):
                    if first <= slot <= last:
                        return int(primary[1])
        return None


class SentinelSet:
    """A primary, its replicas, and three sentinels that put a replica in its place when two of them miss it."""

    def __init__(self, folder: Path, *, down_after_ms: int, replicas: int = 1, sentinels: int = 3) -> None:
        self.password = secrets.token_urlsafe(12)
        self.servers = [
            Node(
                folder / f"server-{place}",
                append_only=False,
                password=self.password,
                settings={
                    "masterauth": self.password,
                    "repl-diskless-sync-delay": "0",
                    "repl-ping-replica-period": "1",
                },
            )
            for place in range(1 + replicas)
        ]
        self._down_after_ms = down_after_ms
        self._folder = folder
        self.sentinels: list[Node] = []
        self._sentinels = sentinels

    def url_for(self, way: Way) -> str:
        """For a user with the least rights."""
        for server in self.servers:
            server.report(*stock_user(way))
        hosts = ",".join(f"{LOOPBACK}:{each.port}" for each in self.sentinels)
        own = f"sentinel_password={self.password}"
        return f"redis+sentinel://{STOCK_USER}:{STOCK_USER_PASSWORD}@{hosts}/{PRIMARY_NAME}?{own}"

    def start(self) -> None:
        start_together(self.servers)
        primary, *replicas = self.servers
        for replica in replicas:
            replica.report("REPLICAOF", LOOPBACK, primary.port)
            until(partial(_follows, replica), "a replica follows")
        self.sentinels = [
            Node(
                self._folder / f"sentinel-{place}",
                append_only=False,
                is_sentinel=True,
                password=self.password,
                settings={
                    "sentinel monitor": f"{PRIMARY_NAME} {LOOPBACK} {primary.port} 2",
                    "sentinel auth-pass": f"{PRIMARY_NAME} {self.password}",
                    "sentinel down-after-milliseconds": f"{PRIMARY_NAME} {self._down_after_ms}",
                    "sentinel failover-timeout": f"{PRIMARY_NAME} 3000",
                    "sentinel sentinel-pass": self.password,
                },
            )
            for place in range(self._sentinels)
        ]
        start_together(self.sentinels)
        for sentinel in self.sentinels:
            until(partial(self._knows_all, sentinel), "every sentinel knows the others and the replicas")

    def stop(self) -> None:
        for node in (*self.sentinels, *self.servers):
            node.thaw()
            node.kill()

    def primary_port(self) -> int:
        """The port of the primary, as the first sentinel knows it."""
        return int(self.sentinels[0].report("SENTINEL GET-MASTER-ADDR-BY-NAME", PRIMARY_NAME)[1])

    def _knows_all(self, sentinel: Node) -> bool:
        with sentinel.orders() as client:
            known = client.sentinel_master(PRIMARY_NAME)
        return bool(
            known["num-other-sentinels"] == self._sentinels - 1
            and known["num-slaves"] == len(self.servers) - 1
            and known["flags"] == "master"
        )


def start_together(nodes: list[Node]) -> None:
    with ThreadPoolExecutor(max_workers=len(nodes)) as threads:
        for started in [threads.submit(node.start) for node in nodes]:
            started.result()


def until(holds: Callable[[], bool], what: str) -> None:
    """Return as soon as it holds; fail when it does not within `PATIENCE_SECONDS`."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.02)


def _follows(replica: Node) -> bool:
    return bool(replica.info("replication")["master_link_status"] == "up")


def replicates(node: Node, primary_id: str) -> bool:
    """Make a node a replica; False while it does not know the primary."""
    try:
        node.report("CLUSTER REPLICATE", primary_id)
    except redis.ResponseError:
        return False
    return True


def slots_of(node: Node) -> list[Any]:
    """The map of the slots as a node knows it: first, last, primary, replicas."""
    with node.orders() as client:
        client.response_callbacks.pop("CLUSTER SLOTS", None)
        return list(client.execute_command("CLUSTER SLOTS"))


def own_slots(node: Node) -> list[tuple[int, int]]:
    return [(first, last) for first, last, primary, *_ in slots_of(node) if int(primary[1]) == node.port]

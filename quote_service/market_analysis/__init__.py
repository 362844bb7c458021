"""Trends, demand and distributions, written once for DuckDB and Apache Spark.

Source: docs/spec/market-analysis.md."""

"""Market analysis: trends, demand, distribution and volatility of prices, by the same transformations on DuckDB or Apache Spark.

Source: docs/spec/market-analysis.md.
"""

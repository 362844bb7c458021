"""What runs the transformations: DuckDB in the process, or Apache Spark."""

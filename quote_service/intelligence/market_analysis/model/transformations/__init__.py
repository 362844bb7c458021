"""What makes figures of a market out of its inputs, in the DataFrame API of PySpark, which sqlframe has for DuckDB too."""

"""A scenario as a drawing: price, sales and demand coefficient over time, as SVG that needs nothing else."""

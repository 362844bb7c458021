"""Second opinion: only those price moves count that the cost caused.

A shop lowers a price when it expects a crowd, too; then sales and price move together without one causing the other. Costs do
not know of the crowd. Two-stage least squares with the log cost as the instrument.

Source: Angrist and Pischke, Mostly Harmless Econometrics (2009), chapter 4.
"""

import numpy as np

from quote_service.intelligence.demand.model import SecondOpinion
from quote_service.intelligence.demand.panel import Floats, Panel, means_known
from quote_service.intelligence.demand.response.least_squares import clustered_covariance, least_squares, within
from quote_service.intelligence.demand.response.log_log import error_clusters, explaining_columns


def instrument_elasticity(panel: Panel, places: int) -> SecondOpinion | None:
    """The elasticity of the one product that the panel holds, by its cost. None: costs are unknown or never moved."""
    known = ~np.isnan(panel.log_cost)
    panel = panel.rows(known)
    if len(panel) == 0:
        return None
    columns = within(explaining_columns(panel, means_known(panel.rivals)), panel.place, places)
    outcome, cost = within(panel.log_units, panel.place, places), within(panel.log_cost, panel.place, places)
    present = len(np.unique(panel.place))
    clusters = error_clusters(panel, present)
    controls = columns[:, 1:]
    first = least_squares(columns[:, 0], np.column_stack([controls, cost]), clusters, absorbed=present)
    error = first.standard_error(-1)
    if error <= 0:
        return None
    moved_by_cost = columns[:, 0] - first.residuals
    second = least_squares(outcome, np.column_stack([moved_by_cost, controls]), clusters, absorbed=present)
    used = np.column_stack([moved_by_cost, controls])
    residuals = outcome - np.column_stack([columns[:, 0], controls]) @ second.coefficients
    inverse = np.linalg.pinv(used.T @ used)
    covariance: Floats = clustered_covariance(used, residuals, inverse, clusters, present)
    return SecondOpinion(
        method="instrument",
        elasticity=float(second.coefficients[0]),
        standard_error=float(np.sqrt(covariance[0, 0])),
        strength=float((first.coefficients[-1] / error) ** 2),
        rows=len(panel),
    )

"""Least squares with an effect for each place, and errors that allow rows of one cluster to err together.

Source: Cameron and Miller, A Practitioner's Guide to Cluster-Robust Inference (2015), equation 11 with its small-sample
correction.
"""

from dataclasses import dataclass

import numpy as np

from quote_service.intelligence.demand.panel import Floats, Integers

# A column that keeps less than this share of its spread beside the others says nothing of its own.
_OWN_SHARE = 1e-9
# Less than this share of a value beside its mean is what adding up has rounded. A price that never moved would seem to
# have moved by it, and its elasticity to be known better than any other.
_ROUNDED = 1e-12


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients by column (0.0 for columns that others explain), their covariance, and what is left over."""

    coefficients: Floats
    covariance: Floats
    residuals: Floats

    def standard_error(self, column: int) -> float:
        return float(np.sqrt(max(self.covariance[column, column], 0.0)))


def group_means(values: Floats, groups: Integers, count: int) -> Floats:
    """Means by group, of one column or of many; 0 for groups without rows."""
    sizes = np.maximum(np.bincount(groups, minlength=count), 1)
    if values.ndim == 1:
        return np.bincount(groups, values, minlength=count) / sizes
    return np.column_stack([np.bincount(groups, column, minlength=count) / sizes for column in values.T])


def within(values: Floats, groups: Integers, count: int) -> Floats:
    """The values less the mean of their group; exactly 0 where they do not differ."""
    means = group_means(values, groups, count)[groups]
    left = values - means
    rounded: Floats = np.where(np.abs(left) <= _ROUNDED * np.abs(means), 0.0, left)
    return rounded


def least_squares(outcome: Floats, columns: Floats, clusters: Integers, absorbed: int = 0) -> Fit:
    """Fit the outcome by the columns; columns that the ones before them explain get the coefficient 0.

    Args:
        outcome: One value a row.
        columns: One column a variable; the intercept too, unless effects were taken out before.
        clusters: Rows of the same number may err together.
        absorbed: Effects taken out before, which count as parameters.
    """
    kept = _independent(columns)
    used = columns[:, kept]
    inverse = np.linalg.pinv(used.T @ used)
    solution = inverse @ (used.T @ outcome)
    residuals = outcome - used @ solution
    covariance = clustered_covariance(used, residuals, inverse, clusters, absorbed)
    coefficients, full = np.zeros(columns.shape[1]), np.zeros((columns.shape[1], columns.shape[1]))
    coefficients[kept] = solution
    full[np.ix_(kept, kept)] = covariance
    return Fit(coefficients, full, residuals)


def clustered_covariance(
    columns: Floats, residuals: Floats, inverse: Floats, clusters: Integers, absorbed: int
) -> Floats:
    """The sandwich over clusters. `inverse` is that of the columns' cross products."""
    count = int(clusters.max()) + 1
    scores = np.column_stack([np.bincount(clusters, column * residuals, minlength=count) for column in columns.T])
    present = len(np.unique(clusters))
    rows, parameters = columns.shape[0], columns.shape[1] + absorbed
    correction = present / max(present - 1, 1) * (rows - 1) / max(rows - parameters, 1)
    return correction * inverse @ (scores.T @ scores) @ inverse


def _independent(columns: Floats) -> Integers:
    """Which columns are not explained by those before them, by modified Gram-Schmidt."""
    kept: list[int] = []
    basis: list[Floats] = []
    for at in range(columns.shape[1]):
        rest = columns[:, at].astype(float)
        spread = float(rest @ rest)
        for _ in range(2):
            for direction in basis:
                rest = rest - (direction @ rest) * direction
        left = float(rest @ rest)
        if spread > 0 and left > _OWN_SHARE * spread:
            kept.append(at)
            basis.append(rest / np.sqrt(left))
    return np.array(kept, dtype=np.int64)

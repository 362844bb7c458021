"""What PostgreSQL says no with, and what that means here: the one table from SQLSTATE to domain error.

Not in the table: mistakes of ours (a syntax error, an unknown column), which leave as they are and end as a 500.
"""

import asyncpg

from quote_service.platform.system.errors import (
    CampaignOverlaps,
    Conflict,
    Invalid,
    NameTaken,
    QuoteServiceError,
    RateOverlaps,
    SaleOverlaps,
    SkuTaken,
    StillUsed,
    Unavailable,
    VersionConflict,
)

RETRY_AFTER_SECONDS = 1

# What connecting fails with: no route, no answer, a server that starts, stops or is full, a wrong password. One that stops says
# so to connections at rest, new ones too; until it has hung up, the driver is in between states and calls that an error of its own.
CONNECTING_FAILED = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

# By SQLSTATE, or by its class (two characters) where the class is of one kind.
_UNAVAILABLE: dict[str, str] = {
    "08": "the connection to the database was lost",
    "28": "the database refuses our credentials",
    "3D": "the database does not exist",
    "53": "the database has no resources left",
    "57": "the database stopped the query",
    "58": "the database has trouble with its system",
    "25P03": "the transaction took too long",
    "25P04": "the transaction took too long",
    "25006": "the database takes no changes",
    "40001": "the database had to choose between two changes",
    "40P01": "the database had to choose between two changes",
    # Not of this release, or not migrated yet: commands refuse such a database, which may be unavailable when they look.
    "42P01": "the database lacks a table of this release: run `quote-service migrate`",
    "55P03": "another change holds what is needed",
}
# What two transactions can do to each other, and one that asks for too much to itself.
_OF_ONE_TRANSACTION = frozenset({"40001", "40P01", "55P03", "57014"})
_INVALID: dict[str, str] = {
    "22": "a value cannot be stored",
    "23502": "a required value is missing",
    "23514": "a value is not allowed",
    "54": "a value is too long",
}
_CONFLICTS: dict[str, tuple[type[Conflict], str]] = {
    "commission_rates_no_overlap": (RateOverlaps, "a rate of the same scope and priority counts in this period"),
    "pricing_rules_name_version": (VersionConflict, "this version of the rule exists"),
    "pricing_rules_one_type": (Conflict, "the versions of a rule are of one type"),
    "flash_sale_items_no_overlap": (SaleOverlaps, "another flash sale has one of the products in this period"),
    "campaigns_no_overlap": (CampaignOverlaps, "another campaign of the product and currency is in this period"),
    "campaigns_name": (NameTaken, "a campaign of this name exists"),
    "categories_name": (NameTaken, "the parent has a category of this name"),
    "categories_parent": (StillUsed, "there are categories in this category"),
    "products_category": (StillUsed, "there are products in this category"),
    "products_seller": (StillUsed, "products name this seller"),
    "sellers_external_ref": (NameTaken, "a seller with this external_ref exists"),
    "customers_pkey": (Conflict, "a customer with this id exists"),
    "customers_external_ref": (NameTaken, "a customer with this external_ref exists"),
    "customers_email": (NameTaken, "a customer with this e-mail address exists"),
    "product_skus_one_owner": (SkuTaken, "another product or variant has this SKU"),
    "competitors_name": (NameTaken, "a competitor of this name exists"),
    "price_policies_category": (StillUsed, "there are price policies of this category"),
    "price_policies_scope": (Conflict, "there is a price policy of this product, category or currency"),
    "price_policies_family_units": (Conflict, "another product of the family has as many units"),
    "price_decisions_waiting": (Conflict, "another decision of this price waits"),
    "price_decisions_of_run": (Conflict, "the run has decided on this price"),
    "price_decision_runs_one": (Conflict, "another run is on"),
    "feature_flags_key": (NameTaken, "a flag with this key exists"),
}


# Rules that PostgreSQL alone can hold, because they are about other rows: the field at fault, and why.
_FAULTS: dict[str, tuple[str, str]] = {
    "categories_no_circle": ("/parent_id", "is the category itself, or below it"),
    "price_decisions_sold": ("/product_id", "is not sold"),
    "price_decisions_moved": ("/price", "is not what it was: the price has moved"),
    "price_decisions_bounds": ("/price", "is past a bound of the policy in force"),
    "price_decisions_family": ("/price", "does not fit those of its family"),
    "price_decisions_mode": ("/price", "is of a product whose prices are not set by themselves"),
    "price_decisions_far": ("/price", "moves further than the policy in force allows"),
    "categories_levels": ("/parent_id", "categories have at most ten levels"),
}


def domain_error(error: asyncpg.PostgresError) -> QuoteServiceError | None:
    """What a refusal by PostgreSQL means; None for a mistake of ours. No text of the server leaves with it."""
    state = error.sqlstate or ""
    for meaning in (_UNAVAILABLE.get(state), _UNAVAILABLE.get(state[:2])):
        if meaning:
            return Unavailable(meaning, retry_after_seconds=RETRY_AFTER_SECONDS)
    # Integrity: a name that is taken, a row that is referred to or never changes.
    if state in ("23505", "23P01", "23503", "23001"):
        kind, meaning = _CONFLICTS.get(error.constraint_name or "", (Conflict, "clashes with what is stored"))
        return kind(meaning)
    if fault := _FAULTS.get(error.constraint_name or ""):
        return Invalid.at(*fault)
    for meaning in (_INVALID.get(state), _INVALID.get(state[:2])):
        if meaning:
            return Invalid.at("", meaning)
    return None


def concerns_transaction(failure: Unavailable) -> bool:
    """Whether the database is well, and only what one transaction wanted was in somebody's way or took too long."""
    cause = failure.__cause__
    return isinstance(cause, asyncpg.PostgresError) and cause.sqlstate in _OF_ONE_TRANSACTION


def unreachable(failure: BaseException) -> Unavailable:
    """The database cannot be reached, or not in time."""
    known = domain_error(failure) if isinstance(failure, asyncpg.PostgresError) else None
    if isinstance(known, Unavailable):
        return known
    if isinstance(failure, asyncpg.InsufficientPrivilegeError):
        return Unavailable("this user may not connect to the database", retry_after_seconds=RETRY_AFTER_SECONDS)
    return Unavailable("the database cannot be reached", retry_after_seconds=RETRY_AFTER_SECONDS)

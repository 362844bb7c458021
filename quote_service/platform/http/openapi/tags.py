"""The subjects that operations are sorted into.

Source: docs/spec/operations.md#api-description.
"""

# What a reader comes for stands first; the other subjects follow by name.
TAGS = {
    "Quotes": "Binding prices for baskets: issue, read, verify, accept, explain and simulate them.",
    "Commission rates": "What the marketplace charges sellers.",
    "Pricing rules": "Fees, taxes, promotions and coupons, in versions.",
    "Products": "What is sold, for how much, and what it cost before.",
    "Categories": "The tree that products are sorted into.",
    "Sellers": "Who sells products.",
    "Imports": "How far imports are, and what became of them.",
    "Inventory": "How many units there are of products and variants, and every change of that.",
    "Customers": "Customers with their tier and segments.",
    "Competitors": "Whose prices are watched, and which of their SKUs is which product.",
    "Competitor prices": "What competitors charge for a product now, and whether it may be compared.",
    "Sources": "Where competitors' prices come from: pages, feeds, APIs and what is pushed.",
    "Listings": "What competitors offer, which product it is, and what it cost.",
    "Observations": "Prices of competitors that somebody has seen.",
    "Market": "How prices go, what is sold at them, how competitors price, and how much prices vary.",
    "Signals": "What somebody should look at: prices that jump, price wars, surges, low stock, odd prices, silent sources.",
    "Signal thresholds": "From which figure on signals are raised, of a product, a category or everything.",
    "Price experiments": "Whether other prices earn more, by clusters of products or stretches of time.",
    "Price performance": "How decided prices performed against the prices people last confirmed.",
    "Price policies": "How prices may move by themselves, and within what.",
    "Decisions": "Prices that were proposed or set, why, and what people do with them.",
    "Price models": "What was learnt about demand.",
    "Behaviour": "What shoppers do with products: reported, and summed up.",
    "Event bus": "How events of products are published and handled, and those that could not be.",
    "Replay": "What a change would have done to quotes that were accepted.",
    "Change sets": "Changes of rules, rates, flags and prices that are reviewed, published and rolled back together.",
    "Campaigns": "Prices that follow demand for a while, within a limit.",
    "Webhooks": "Endpoints that receive events, and the deliveries to them.",
    "Orders": "Quotes that were bought: placing, fulfilling and cancelling them.",
    "Ledger": "Money that moved: accounts, entries, statements and payouts of sellers.",
    "Analytics": "What was quoted, sold and earned.",
    "Rulebook": "Checks over all pricing rules and commission rates together.",
    "Feature flags": "Values that depend on the customer: rollouts, variants and switches.",
    "OFREP": "Feature flags for OpenFeature SDKs, by the OpenFeature Remote Evaluation Protocol.",
    "Flash sales": "Limited stock at a special price for a limited time.",
    "Purchases": "What customers buy in flash sales.",
    "API keys": "Credentials of checkout systems.",
    "Audit": "Who changed what, and when.",
    "Auth": "Log in, refresh and end sessions, change one's password.",
    "Documentation": "This description, and pages about problems.",
    "Health": "Whether the process is alive and ready, for load balancers.",
    "Service": "Metrics of the running process.",
    "Users": "People who can log in, and their roles.",
}


def tag_of(path: str) -> str:
    """The subject of a path: the first of its own parts."""
    parts = [part for part in path.split("/") if part and part not in ("api", "v1")]
    return parts[0].replace("-", " ").capitalize().replace("Api", "API") if parts else "Service"

"""A small shop for the demonstration, whose prices move: products with stock, customers with tiers, shoppers who may sign in,
price rules, a campaign, a flash sale.

`demonstration_shop.json` holds it; products name their category by its name and campaigns their product by its SKU, since the
service makes the ids.

Source: docs/spec/operations.md#demonstration.
"""

from pathlib import Path

import msgspec

from quote_service.identity.model.demonstration import (
    DEMONSTRATION_PASSWORD,
    DEMONSTRATION_SHOPPERS,
    DemonstrationShopper,
)
from quote_service.lab.dev.admin_api import AdminApi, admin_api
from quote_service.lab.dev.demonstration_sales import begin_sale

_FILE = Path(__file__).parent / "demonstration_shop.json"
_CATEGORIES = "/api/v1/categories"
_CUSTOMERS = "/api/v1/customers"
_PRODUCTS = "/api/v1/products"
_SELLERS = "/api/v1/sellers"


class DemonstrationProduct(msgspec.Struct, frozen=True):
    """A product as it is sent, but for its category; `stock` is its inventory."""

    category: str
    product: dict[str, msgspec.Raw]
    stock: msgspec.Raw

    @property
    def sku(self) -> str:
        """What it is found by."""
        return msgspec.json.decode(self.product["sku"], type=str)


class DemonstrationCampaign(msgspec.Struct, frozen=True):
    """A campaign as it is sent, but for its product."""

    sku: str
    campaign: dict[str, msgspec.Raw]


class DemonstrationSale(msgspec.Struct, frozen=True):
    """A flash sale of one product as it is sent, but for its dates and the product."""

    sku: str
    sale: dict[str, msgspec.Raw]
    item: dict[str, msgspec.Raw]


class DemonstrationShop(msgspec.Struct, frozen=True):
    """Everything of the shop, in the order in which it is sent; bodies stay as they are written."""

    categories: list[str]
    sellers: list[str]
    products: list[DemonstrationProduct]
    customers: list[msgspec.Raw]
    pricing_rules: list[msgspec.Raw]
    campaigns: list[DemonstrationCampaign]
    flash_sales: list[DemonstrationSale]


def read_shop() -> DemonstrationShop:
    """The shop as it is packaged."""
    return msgspec.json.decode(_FILE.read_bytes(), type=DemonstrationShop)


def seed_shop(url: str, admin_token: str) -> None:
    """Create what of the shop is not there yet; blocks until it is done.

    Raises:
        SeedingFailed: The service refused something for another reason than that it is there.
    """
    shop = read_shop()
    with admin_api(url, admin_token) as api:
        categories = {name: _category(api, name) for name in shop.categories}
        [seller] = [_seller(api, name) for name in shop.sellers]
        products = {each.sku: _product(api, each, categories[each.category], seller) for each in shop.products}
        for customer in shop.customers:
            api.create(_CUSTOMERS, bytes(customer))
        for shopper in DEMONSTRATION_SHOPPERS:
            _shopper(api, shopper)
        for rule in shop.pricing_rules:
            api.create("/api/v1/pricing-rules", bytes(rule))
        for each in shop.campaigns:
            body = msgspec.json.encode({**each.campaign, "product_id": products[each.sku]})
            api.create("/api/v1/campaigns", body)
        for sale in shop.flash_sales:
            begin_sale(api, sale.sale, {**sale.item, "product_id": products[sale.sku]})


def renew_shop_sales(url: str, admin_token: str) -> None:
    """Begin the flash sales of the shop that do not run any more; blocks until it is done.

    Raises:
        SeedingFailed: The service refused something.
    """
    with admin_api(url, admin_token) as api:
        for sale in read_shop().flash_sales:
            for product in api.list(f"{_PRODUCTS}?sku={sale.sku}"):
                begin_sale(api, sale.sale, {**sale.item, "product_id": product["id"]})


def _category(api: AdminApi, name: str) -> str:
    created = api.create(_CATEGORIES, msgspec.json.encode({"name": name}))
    if created.is_new:
        return created.id
    [found] = [each["id"] for each in api.list(_CATEGORIES) if each["name"] == name and each["parent_id"] is None]
    return str(found)


def _seller(api: AdminApi, name: str) -> str:
    found = [each["id"] for each in api.list(_SELLERS) if each["name"] == name]
    return str(found[0]) if found else api.create(_SELLERS, msgspec.json.encode({"name": name})).id


def _shopper(api: AdminApi, shopper: DemonstrationShopper) -> None:
    account = {"email": shopper.email, "password": DEMONSTRATION_PASSWORD, "role": "user"}
    made = api.create("/api/v1/users", msgspec.json.encode(account))
    user_id = made.id if made.is_new else str(api.list(f"/api/v1/users?email={shopper.email}")[0]["id"])
    # The customer who buys has the id of the account.
    record = {"id": user_id, "external_ref": shopper.name, "tier": shopper.tier}
    api.create(_CUSTOMERS, msgspec.json.encode(record))


def _product(api: AdminApi, each: DemonstrationProduct, category_id: str, seller_id: str) -> str:
    document = {**each.product, "category_id": category_id, "seller_id": seller_id}
    created = api.create(_PRODUCTS, msgspec.json.encode(document))
    product_id = created.id if created.is_new else str(api.list(f"{_PRODUCTS}?sku={each.sku}")[0]["id"])
    api.put(f"/api/v1/inventory/{product_id}", bytes(each.stock))
    return product_id

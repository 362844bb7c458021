"""What the seeded shop sells: a tree of categories, and in each leaf the nouns and the prices of its products.

Source: docs/spec/seeding.md#what-is-there.
"""

from typing import Final, NamedTuple


class Leaf(NamedTuple):
    """A category without children: prices are whole lira, weights grams, `options` what its variants differ in."""

    root: str
    name: str
    nouns: tuple[str, ...]
    price_from: int
    price_to: int
    grams_from: int
    grams_to: int
    options: tuple[str, ...]


_SIZES: Final = ("S", "M", "L", "XL")
_SHOES: Final = ("38", "40", "42", "44")
_COLOURS: Final = ("Black", "White", "Blue", "Green")


def _leaf(
    root: str, name: str, nouns: str, prices: tuple[int, int], grams: tuple[int, int], options: tuple[str, ...]
) -> Leaf:
    return Leaf(root, name, tuple(nouns.split(", ")), *prices, *grams, options)


LEAVES: Final = (
    _leaf("Electronics", "Phones", "Phone, Phone case, Fast charger, Power bank", (200, 24000), (40, 400), _COLOURS),
    _leaf("Electronics", "Audio", "Headphones, Earbuds, Speaker, Radio", (300, 9000), (50, 2500), _COLOURS),
    _leaf(
        "Electronics", "Computers", "Keyboard, Mouse, Monitor, Webcam, Laptop stand", (250, 15000), (90, 6000), _COLOURS
    ),
    _leaf("Fashion", "Shirts", "T-shirt, Linen shirt, Polo shirt, Blouse", (150, 1200), (120, 350), _SIZES),
    _leaf("Fashion", "Jackets", "Rain jacket, Denim jacket, Down jacket", (700, 6000), (500, 1400), _SIZES),
    _leaf("Fashion", "Shoes", "Running shoe, Boot, Sandal, Sneaker", (400, 5500), (350, 1600), _SHOES),
    _leaf("Home", "Kitchen", "Tea kettle, Frying pan, Knife set, Coffee grinder", (120, 4000), (250, 4500), _COLOURS),
    _leaf("Home", "Textiles", "Bath towel, Duvet cover, Blanket, Cushion", (100, 1800), (200, 2500), _COLOURS),
    _leaf("Home", "Lighting", "Floor lamp, Desk lamp, Lantern", (180, 3200), (300, 6000), _COLOURS),
    _leaf("Sports", "Outdoor", "Tent, Sleeping bag, Backpack, Water bottle", (150, 8000), (150, 5200), _COLOURS),
    _leaf("Sports", "Fitness", "Yoga mat, Dumbbell, Skipping rope", (90, 2500), (150, 12000), _COLOURS),
    _leaf("Beauty", "Skin care", "Face cream, Sun cream, Soap, Serum", (60, 1500), (60, 450), ()),
    _leaf("Beauty", "Fragrance", "Eau de cologne, Perfume, Scented candle", (90, 4200), (120, 600), ()),
    _leaf("Groceries", "Tea and coffee", "Black tea, Filter coffee, Herbal tea", (40, 600), (200, 1100), ()),
    _leaf("Groceries", "Pantry", "Olive oil, Honey, Lentils, Pasta, Tomato paste", (30, 700), (400, 5000), ()),
    _leaf("Toys", "Games", "Board game, Puzzle, Card game", (80, 1600), (200, 1800), ()),
    _leaf("Toys", "Building", "Building blocks, Train set, Marble run", (150, 3800), (400, 3500), ()),
    _leaf("Books", "Fiction", "Novel, Short stories, Crime novel", (60, 450), (200, 700), ()),
    _leaf("Books", "Non-fiction", "Cookbook, Biography, Travel guide", (80, 700), (250, 1300), ()),
)
ROOTS: Final = tuple(dict.fromkeys(leaf.root for leaf in LEAVES))
ADJECTIVES: Final = (
    "Classic", "Compact", "Light", "Everyday", "Premium", "Soft", "Robust", "Modern", "Vintage", "Organic", "Folding",
    "Slim", "Warm", "Quiet", "Bright", "Natural",
)  # fmt: skip
TAGS: Final = ("new", "summer", "winter", "gift", "outlet", "bestseller", "eco", "limited")

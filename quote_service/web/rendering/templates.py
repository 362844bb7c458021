"""Templates to HTML: everything is escaped, and a name that is not given is an error instead of nothing.

Source: docs/spec/web.md#pages.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from quote_service.web.model.navigation import AREAS, menu_of
from quote_service.web.model.store.countries import COUNTRIES
from quote_service.web.rendering.assets import Asset
from quote_service.web.rendering.cells import cell
from quote_service.web.rendering.help_texts import choice_text
from quote_service.web.rendering.json_text import json_text
from quote_service.web.rendering.store.picture import picture
from quote_service.web.rendering.texts import (
    amount_text,
    fixed_text,
    in_address,
    instant_markup,
    is_some,
    marked_text,
    percent_text,
    place_of,
    short_id_markup,
    signed_amount_text,
    signed_percent_text,
    words_of,
)

#: What people choose from; others may be written.
_TIME_ZONES = ("UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))
_FOLDER = Path(__file__).parent.parent / "templates"


class Templates:
    """The templates of one process, each compiled when it is first shown."""

    __slots__ = ("_environment",)

    def __init__(self, assets: Mapping[str, Asset]) -> None:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined  # where there are pages

        self._environment = Environment(
            loader=FileSystemLoader(_FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(
            amount=amount_text,
            is_some=is_some,
            percent=percent_text,
            fixed=fixed_text,
            signed=signed_amount_text,
            signed_percent=signed_percent_text,
            instant=instant_markup,
            short_id=short_id_markup,
            words=words_of,
            choice=choice_text,
            place=place_of,
            marked=marked_text,
            pretty_json=json_text,
            in_address=in_address,
        )
        self._environment.globals.update(
            asset=lambda name: assets[name].path,
            cell=cell,
            countries=COUNTRIES,
            picture=picture,
            menu_of=menu_of,
            areas=AREAS,
            time_zones=_TIME_ZONES,
        )

    def render(self, template: str, context: Mapping[str, Any]) -> str:
        """A template with what it shows."""
        return self._environment.get_template(template).render(context)

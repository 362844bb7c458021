"""All workers' figures as Prometheus reads them: text format 0.0.4, or OpenMetrics 1.0 with exemplars.

Source: docs/spec/operations.md#metrics; Prometheus, "Exposition formats"; OpenMetrics 1.0.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from quote_service.platform.telemetry.registry import Family, Labels, Registry, SharedFigures, series_key
from quote_service.platform.telemetry.request_figures import (
    NAME,
    SHOWN_BOUNDS,
    Exemplar,
    exemplar_of,
    request_histograms,
)

MEDIA_TYPE = "text/plain; version=0.0.4"  # in UTF-8
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
_OPENMETRICS_TYPE: Final = "application/openmetrics-text"
_VERSIONS: Final = ("", "1.0.0", "0.0.1")


def prefers_openmetrics(accept: str) -> bool:
    """Whether a scraper would rather have OpenMetrics, by its `Accept`."""
    wishes = [_read_wish(wish) for wish in accept.lower().split(",")]
    of_openmetrics = [
        quality for kind, version, quality in wishes if kind == _OPENMETRICS_TYPE and version in _VERSIONS
    ]
    of_text = [quality for kind, _, quality in wishes if kind == "text/plain"]
    return max(of_openmetrics, default=0.0) > max(of_text, default=0.0)


def _read_wish(wish: str) -> tuple[str, str, float]:
    kind, *parameters = (part.strip() for part in wish.split(";"))
    named = {name.strip(): value.strip(' "') for name, _, value in (each.partition("=") for each in parameters)}
    try:
        quality = float(named.get("q", "1"))
    except ValueError:
        quality = 0.0
    return kind, named.get("version", ""), quality


def prometheus_text(registry: Registry, shared: list[SharedFigures], *, openmetrics: bool = False) -> str:
    """Every family: counters and histograms added up over all workers, gauges for each of them."""
    registry.publish()
    text = _Text(registry, shared, openmetrics)
    lines = [line for family in list(registry.families.values()) for line in text.family(family)]
    return "\n".join([*lines, "# EOF"] if openmetrics else lines) + "\n"


class _Text:
    """What all slots hold at one moment, and its lines."""

    def __init__(self, registry: Registry, shared: list[SharedFigures], openmetrics: bool) -> None:
        self._registry = registry
        self._shared = shared
        self._openmetrics = openmetrics
        self._sums: dict[str, int] = defaultdict(int)
        self._by_family: dict[str, list[str]] = defaultdict(list)
        self._each: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._records: dict[str, list[memoryview]] = defaultdict(list)
        for slot in registry.slots.all():
            for key, value in slot.values().items():
                if key not in self._each:
                    self._by_family[key.partition("{")[0]].append(key)
                self._sums[key] += value
                self._each[key].append((slot.index, value))
            for key, cells in slot.records().items():
                self._records[key].append(cells)

    def family(self, family: Family) -> Iterator[str]:
        """The lines of one family."""
        name, meaning = family.name, family.meaning
        if self._openmetrics:  # where a counter's suffix is no part of its name
            name, meaning = name.removesuffix("_total"), meaning.replace('"', '\\"')
        yield f"# HELP {name} {meaning}"
        yield f"# TYPE {name} {family.kind}"
        if family.name == NAME:
            for found in request_histograms(self._registry, self._records, self._sums):
                yield from self._histogram(
                    family, found.labels, SHOWN_BOUNDS, found.buckets, found.sum_ns, found.exemplar
                )
        elif family.kind == "histogram":
            yield from self._own_histogram(family)
        elif family.kind == "counter":
            yield from (f"{key} {_shown(self._sums[key], family)}" for key in self._by_family[family.name])
        else:
            for key in self._by_family[family.name]:
                yield from (f"{_of_worker(key, index)} {_shown(value, family)}" for index, value in self._each[key])
        for figures in (found.figures for found in self._shared if found.family is family):
            yield from (f"{series_key(family.name, labels)} {value:.15g}" for labels, value in figures)

    def _own_histogram(self, family: Family) -> Iterator[str]:
        for labels, bounds in self._registry.histograms[family.name]:
            shown = (*map(repr, bounds), "+Inf")
            buckets = [self._sums[series_key(f"{family.name}_bucket", {**labels, "le": bound})] for bound in shown]
            total = self._sums[series_key(f"{family.name}_sum", labels)]
            exemplar = exemplar_of(self._records.get(series_key(family.name, labels), ()))
            yield from self._histogram(family, labels, shown, buckets, total, exemplar)

    def _histogram(
        self,
        family: Family,
        labels: Labels,
        shown: Sequence[str],
        buckets: Sequence[int],
        total: int,
        exemplar: Exemplar | None,
    ) -> Iterator[str]:
        count, waiting = 0, exemplar if self._openmetrics else None
        for bound, bucket in zip(shown, buckets, strict=True):
            count += bucket
            line = f"{series_key(f'{family.name}_bucket', {**labels, 'le': bound})} {count}"
            if waiting is not None and bucket and waiting.seconds <= float(bound):
                line, waiting = line + _written(waiting), None
            yield line
        yield f"{series_key(f'{family.name}_sum', labels)} {_shown(total, family)}"
        yield f"{series_key(f'{family.name}_count', labels)} {count}"


def _written(exemplar: Exemplar) -> str:
    ids = f'trace_id="{exemplar.trace_id}",span_id="{exemplar.span_id}"'
    return f" # {{{ids}}} {exemplar.seconds:.9g} {exemplar.at_seconds:.3f}"


def _of_worker(key: str, index: int) -> str:
    name, _, labels = key.partition("{")
    return f'{name}{{worker="{index}"' + (f",{labels}" if labels else "}")


def _shown(value: int, family: Family) -> str:
    return str(value) if family.divisor == 1 else f"{value / family.divisor:.15g}"

"""All workers' figures as Prometheus reads them: text format 0.0.4.

Source: docs/spec/operations.md#metrics; Prometheus, "Exposition formats".
"""

from collections import defaultdict
from collections.abc import Iterator

from quote_service.telemetry.registry import Family, Registry, SharedFigures, series_key

MEDIA_TYPE = "text/plain; version=0.0.4"  # in UTF-8


def prometheus_text(registry: Registry, shared: list[SharedFigures]) -> str:
    """Every family: counters and histograms added up over all workers, gauges for each of them."""
    registry.publish()
    sums: dict[str, int] = defaultdict(int)
    by_family: dict[str, list[str]] = defaultdict(list)
    each: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for slot in registry.slots.all():
        for key, value in slot.values().items():
            if key not in each:
                by_family[key.partition("{")[0]].append(key)
            sums[key] += value
            each[key].append((slot.index, value))
    lines: list[str] = []
    for family in registry.families.values():
        lines += (f"# HELP {family.name} {family.meaning}", f"# TYPE {family.name} {family.kind}")
        if family.kind == "histogram":
            lines += _histogram_lines(registry, family, sums)
        elif family.kind == "counter":
            lines += (f"{key} {_shown(sums[key], family)}" for key in by_family[family.name])
        else:
            for key in by_family[family.name]:
                lines += (f"{_of_worker(key, index)} {_shown(value, family)}" for index, value in each[key])
        for figures in (found.figures for found in shared if found.family is family):
            lines += (f"{series_key(family.name, labels)} {value:.15g}" for labels, value in figures)
    return "\n".join(lines) + "\n"


def _histogram_lines(registry: Registry, family: Family, sums: dict[str, int]) -> Iterator[str]:
    for labels, bounds in registry.histograms[family.name]:
        count = 0
        for bound in (*map(repr, bounds), "+Inf"):
            key = series_key(f"{family.name}_bucket", {**labels, "le": bound})
            count += sums[key]
            yield f"{key} {count}"
        key = series_key(f"{family.name}_sum", labels)
        yield f"{key} {_shown(sums[key], family)}"
        yield f"{series_key(f'{family.name}_count', labels)} {count}"


def _of_worker(key: str, index: int) -> str:
    name, _, labels = key.partition("{")
    return f'{name}{{worker="{index}"' + (f",{labels}" if labels else "}")


def _shown(value: int, family: Family) -> str:
    return str(value) if family.divisor == 1 else f"{value / family.divisor:.15g}"

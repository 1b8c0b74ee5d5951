"""What grows with the size of a node and the number of its clients: numbers, and pictures of them."""

import statistics
from pathlib import Path

from host_tests.bench import memory, speed
from host_tests.bench.measured import Node
from host_tests.bench.samples import outsides, parameters

_SIZES = (1, 2, 4, 8, 16, 32, 64)
_CLIENTS = (1, 2, 3, 4, 6, 8)
_HEAP = 2048  # KiB: a board has not room for all of these


def measure():
    """Curves: (title, unit of x, unit of y, [(x, y), ...])."""
    curves = [
        ("heap after boot", "modules", "KiB", [(n, memory.after_boot(outsides(n), heap=_HEAP) / 1024) for n in _SIZES]),
        ("heap after boot", "parameters of one module", "KiB",
         [(n, memory.after_boot(parameters(n), heap=_HEAP) / 1024) for n in _SIZES]),
        ("heap after boot", "client slots", "KiB", [(n, memory.after_boot(clients=n, heap=_HEAP) / 1024) for n in _CLIENTS]),
    ]  # fmt: skip
    reads, describes, allocated = [], [], []
    for n in _SIZES:
        with Node(outsides(n), heap=None) as node, node.connect() as wire:
            reads.append((n, median_us(wire, f"read outside{n - 1}:status")))
            length = len(wire.ask("describe"))
            describes.append((length, median_us(wire, "describe")))
        allocated.append((length, memory.per_request("describe", outsides(n))))
    curves.append(("`read`, one client", "modules", "us", reads))
    curves.append(("`describe`", "its length in bytes", "us", describes))
    curves.append(("`describe`", "its length in bytes", "bytes allocated", allocated))
    curves.append(("update to all active clients", "clients", "bytes allocated", [(n, memory.per_update(n)) for n in _CLIENTS]))
    return curves


def median_us(wire, line):
    """Microseconds from a request to its answer."""
    return statistics.median(1e6 / speed.rate(wire, line) for _ in range(3))


def text(curves):
    """The curves as a table for each."""
    lines = []
    for title, x, y, points in curves:
        lines += [
            f"{title} ({y}), by {x}", "",
            "| " + " | ".join(f"{a:g}" for a, _ in points) + " |",
            "|" + "---|" * len(points),
            "| " + " | ".join(f"{b:.4g}" for _, b in points) + " |", "",
        ]  # fmt: skip
    return "\n".join(lines)


def draw(curves, path):
    """A picture of all curves."""
    import matplotlib

    matplotlib.use("agg")
    matplotlib.rcParams["font.size"] = 9
    from matplotlib import pyplot

    columns = 2
    rows = -(-len(curves) // columns)
    figure, axes = pyplot.subplots(rows, columns, figsize=(9, 2.6 * rows), layout="constrained")
    for axis in axes.flat[len(curves) :]:
        axis.remove()
    for axis, (title, x, y, points) in zip(axes.flat, curves, strict=False):
        axis.plot(*zip(*points, strict=True), marker="o", markersize=3)
        axis.set(title=title.replace("`", ""), xlabel=x, ylabel=y)
        axis.set_xlim(left=0)
        axis.set_ylim(bottom=0)
        axis.grid(alpha=0.3)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=80, metadata={"Software": None})

"""What grows with the size of a node and the number of its clients: numbers, and pictures of them."""

import contextlib
import re
import statistics
from pathlib import Path

from host_tests.bench import memory, speed
from host_tests.bench.measured import Node
from host_tests.bench.samples import outsides, parameters
from tools import paths

_PAGE = paths.ROOT / "docs" / "performance.md"
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
    describes, allocated = [], []
    for n in _SIZES:
        with Node(outsides(n), heap=None) as node, node.connect() as wire:
            length = len(wire.ask("describe"))
            describes.append((length, median_us(wire, "describe")))
        allocated.append((length, memory.per_request("describe", outsides(n))))
    for line in ("read outside{}:status", "ping 1"):
        curves.append((f"CPU time of `{line.format('N')}`", "modules", "us", cpu_by_modules(line)))
    curves.append(("time of `describe`", "its length in bytes", "us", describes))
    curves.append(("memory of `describe`", "its length in bytes", "bytes allocated", allocated))
    curves.append(("memory of an update", "active clients", "bytes allocated", [(n, memory.per_update(n)) for n in _CLIENTS]))
    return curves


def cpu_by_modules(line, turns=15):
    """Microseconds of CPU time that the node takes for a request, which names the last module where it has a place for it.

    Nothing is polled meanwhile. By turns, and for each the least of all: a busy machine can only add (caches, a shared core).
    """
    with contextlib.ExitStack() as stack:
        nodes = [stack.enter_context(Node(outsides(n), heap=None, still=True)) for n in _SIZES]
        places = [(n, node, stack.enter_context(node.connect()), []) for n, node in zip(_SIZES, nodes, strict=True)]
        for _ in range(turns):
            for n, node, wire, found in places:
                found.append(cpu_us(node, wire, line.format(n - 1)))
        return [(n, min(found)) for n, _, _, found in places]


def cpu_us(node, wire, line, n=8192, block=64):
    """CPU time of a node for a request, in a burst that leaves it no time to wait; its clock counts ms.

    No garbage is collected meanwhile: requests in a burst allocate 60 bytes each, one by one they allocate none.
    """
    requests = (line + "\n").encode() * block
    sent = answered = 0
    node.ask("automatic", "off")
    node.ask("kept")
    begin = node.ask("cpu")
    while answered < n:
        while sent < n and sent - answered < 4 * block:
            wire.socket.sendall(requests)
            sent += block
        answered += wire.socket.recv(65536).count(b"\n")
    taken = node.ask("cpu") - begin
    node.ask("automatic", "on")
    return taken / n


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


def published():
    """The curves as docs/performance.md has them."""
    text = _PAGE.read_text("utf-8").partition("<!-- growth -->")[2].partition("<!-- end of growth -->")[0]
    found = []
    for block in re.split(r"\n\n(?=[^|\n])", text.strip()):
        head, _, rows = block.strip().partition("\n\n")
        title, y, x = re.fullmatch(r"(.*) \((.*)\), by (.*)", head).groups()
        xs, _, ys = ([cell.strip() for cell in row.strip("|").split("|")] for row in rows.splitlines())
        found.append((title, x, y, [(float(a), float(b)) for a, b in zip(xs, ys, strict=True)]))
    return found


def draw(curves, path):
    """A picture of all curves; gives [(title, label of x, label of y)] of its panels, and whether all titles fit."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    matplotlib.rcParams["font.size"] = 11
    columns = 2
    rows = -(-len(curves) // columns)
    figure, axes = pyplot.subplots(rows, columns, figsize=(10, 3.1 * rows), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.15, h_pad=0.15)
    for axis in axes.flat[len(curves) :]:
        axis.remove()
    for axis, (title, x, y, points) in zip(axes.flat, curves, strict=False):
        axis.plot(*zip(*points, strict=True), marker="o", markersize=4)
        title = title.replace("`", "")
        axis.set_title(f"{title[0].upper()}{title[1:]}, by {x}", fontsize=11)
        axis.set(xlabel=x, ylabel=y.replace("us", "µs"))
        axis.set_xlim(0, 1.05 * max(x for x, _ in points))
        axis.set_ylim(0, 1.2 * max(y for _, y in points))
        axis.locator_params(nbins=6)
        axis.grid(alpha=0.3)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=90, metadata={"Software": None})
    panels = axes.flat[: len(curves)]
    drawn = [(axis.get_title(), axis.get_xlabel(), axis.get_ylabel()) for axis in panels]
    edges = [axis.title.get_window_extent() for axis in panels]
    middle, right = figure.bbox.width / columns, figure.bbox.width
    fits = all(edge.x0 >= 0 and edge.x1 <= (middle if edge.x0 < middle else right) for edge in edges)
    pyplot.close(figure)
    return drawn, fits

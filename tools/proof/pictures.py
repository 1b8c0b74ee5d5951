"""Pictures of what an oven does: step response, ramp and autotune, from a run in virtual time."""

import io
import tempfile

from ..problem import Problem

_BEFORE = 5  # s, before the first order
_POLLED = 2  # rows from one value to the next
_STEP = 0.5  # s from one row of a curve to the next, see boards/HOST/trial
_VALUE, _TARGET, _SETPOINT, _BLOCK, _POWER = range(5)
# told apart by everybody, also in grey
_COLOURS = {_VALUE: "#0072b2", _TARGET: "#444444", _SETPOINT: "#e69f00", _POWER: "#d55e00"}
_GREY = "#666666"


def need():
    """Raise Problem where pictures can't be drawn."""
    try:
        import matplotlib
    except ImportError:
        raise Problem("the pictures need matplotlib: `make report` brings it") from None
    matplotlib.use("agg")


def draw(trials, folder):
    """Write all pictures into a folder, from runs of `trials` (a faults.Trials); gives their paths."""
    need()
    folder.mkdir(exist_ok=True)
    return [picture(trials, folder) for picture in (step, ramp, autotune)]


def _curve(trials, seconds, *orders):
    """The rows of a run, by columns; and the times. Orders are pairs of s and line, times count from the first of them."""
    orders = [(when + _BEFORE, line) for when, line in orders]
    with tempfile.TemporaryDirectory(prefix="secnode-") as kept:
        found = trials.once({"phase": "curve", "fault": "none", "orders": orders, "seconds": seconds + _BEFORE}, kept)
    rows = found["curve"]
    return [i * _STEP - _BEFORE for i in range(len(rows))], list(zip(*rows, strict=True)), found["status"]


def _figure(title):
    import matplotlib.pyplot as plt

    style = {
        "font.size": 11, "axes.edgecolor": _GREY, "axes.labelcolor": "#222222", "xtick.color": _GREY,
        "ytick.color": _GREY, "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.color": "#e6e6e6",
        "legend.frameon": False, "path.simplify_threshold": 0.3,
    }  # fmt: skip
    plt.rcParams.update(style)
    figure, (upper, lower) = plt.subplots(
        2, 1, sharex=True, figsize=(8, 4.6), height_ratios=(3, 1), layout="constrained", facecolor="white"
    )
    upper.set_title(title, loc="left", fontsize=12, fontweight="bold", color="#222222")
    upper.set_ylabel("temperature (°C)")
    lower.set_ylabel("power (W)")
    lower.set_xlabel("time (s)")
    return figure, upper, lower


def _lines(upper, lower, times, columns, *which):
    names = {_VALUE: "value", _TARGET: "target", _SETPOINT: "setpoint"}
    styles = {_VALUE: "-", _TARGET: "--", _SETPOINT: "-."}
    begin = times.index(0)
    for column in which:
        # before the first order there is no target
        first, every = (0, _POLLED) if column == _VALUE else (begin, 1)
        x, y = times[first::every], columns[column][first::every]
        order = 3 if column == _VALUE else 2
        upper.plot(x, y, styles[column], color=_COLOURS[column], label=names[column], lw=1.8, zorder=order)
    lower.plot(times, columns[_POWER], color=_COLOURS[_POWER], lw=1, drawstyle="steps-post")
    lower.fill_between(times, columns[_POWER], step="post", color=_COLOURS[_POWER], alpha=0.2, lw=0)
    lower.set_ylim(0, 1.15 * max(columns[_POWER]))
    lower.set_xlim(times[0], times[-1] + _STEP)


def _save(figure, folder, name):
    import matplotlib.pyplot as plt
    from PIL import Image

    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=130)
    plt.close(figure)
    path = folder / (name + ".png")
    # few colours make a small file
    Image.open(drawn).convert("RGB").quantize(64).save(path, optimize=True)
    return path


def _near(axes, times, columns, where, x, y, title):
    near = axes.inset_axes(where)
    near.plot(times[::_POLLED], columns[_VALUE][::_POLLED], color=_COLOURS[_VALUE], lw=1.4)
    near.set_xlim(x)
    near.set_ylim(y)
    near.set_title(title, fontsize=10, loc="left", color=_GREY)
    near.tick_params(labelsize=9)
    return near


def step(trials, folder):
    """From 25 to 60 degC."""
    times, columns, _ = _curve(trials, 120, (0, "change heater:target 60"))
    figure, upper, lower = _figure("change heater:target 60")
    _lines(upper, lower, times, columns, _TARGET, _VALUE)
    upper.legend(loc="upper left", bbox_to_anchor=(0.0, 0.93))
    near = _near(upper, times, columns, (0.45, 0.13, 0.53, 0.57), (30, 120), (59.4, 60.6), "near the target; grey: ± 0.1 K")
    near.axhspan(59.9, 60.1, color="#dddddd", lw=0, zorder=0)
    near.plot(times, columns[_TARGET], "--", color=_COLOURS[_TARGET], lw=1.2)
    near.plot(times, columns[_BLOCK], color="#009e73", lw=1.6)
    near.text(38, 60.2, "the block itself", color="#009e73", fontsize=9)
    return _save(figure, folder, "step")


def ramp(trials, folder):
    """Up at 10 K/min, down at 3 K/min."""
    orders = [(0, "change heater:ramp 10"), (0, "change heater:ramp_enable true"), (0, "change heater:target 50")]
    orders += [(200, "change heater:ramp 3"), (200, "change heater:target 40")]
    times, columns, _ = _curve(trials, 440, *orders)
    figure, upper, lower = _figure("ramp: 10 K/min to 50 °C, then 3 K/min to 40 °C")
    _lines(upper, lower, times, columns, _TARGET, _SETPOINT, _VALUE)
    upper.legend(loc="lower right")
    return _save(figure, folder, "ramp")


def autotune(trials, folder):
    """Swings around 60 degC."""
    times, columns, status = _curve(trials, 120, (0, "do heater:_autotune 60"))
    figure, upper, lower = _figure("do heater:_autotune 60")
    upper.axhline(60, ls="--", color=_COLOURS[_TARGET], lw=1.2, label="60 °C")
    _lines(upper, lower, times, columns, _VALUE)
    upper.legend(loc="upper left", bbox_to_anchor=(0.0, 0.93))
    near = _near(upper, times, columns, (0.45, 0.13, 0.53, 0.57), (28, 108), (59, 62), "near 60 °C")
    near.axhline(60, ls="--", color=_COLOURS[_TARGET], lw=1.2)
    upper.set_title(status[1].split(": ")[-1], loc="right", fontsize=10, color=_GREY)
    return _save(figure, folder, "autotune")

"""A flow that is shared between two outputs: dry and wet gas, hot and cold water."""

from secnode.datainfo import Double
from secnode.module import ERROR, IDLE, Parameter, Writable


class Split(Writable):
    """Shares a flow of `total` between the outputs `dry` and `wet`, in their unit: the value is the share of the wet one in %.

        total: 0.001 to 1e6; split: flow of both together, in the outputs' unit

    Both outputs are what modules.analogue_output.AnalogueOutput takes, e.g. drivers.mcp4725.MCP4725 with a `scale` in ml/min a
    volt. A client may change `_total`, up to what the smaller of both gives. Both begin and end at their safe level, with no
    flow. Where one fails the other one goes to its safe level, too: a share of nothing known is none.

    Raises ValueError where the outputs have different units, or can't give `total`.
    """

    value = Parameter(Double(unit="%"), description="share of the wet flow, by what both outputs give")
    _total = Parameter(None, readonly=False, description="flow of both together")
    target = Parameter(Double(0, 100, unit="%"), readonly=False, checkable=True, description="share of the wet flow")

    def __init__(self, dry, wet, total, **kwds):
        most = min(dry.high, wet.high)
        if dry.unit != wet.unit:
            raise ValueError("both outputs have the same unit, not %s and %s" % (dry.unit, wet.unit))
        if not 0 < total <= most:
            raise ValueError("a total of %g %s is more than an output gives: %g" % (total, dry.unit, most))
        if "_total" not in kwds:
            kwds["_total"] = Parameter(
                Double(0, most, unit=dry.unit), readonly=False, default=total, description="flow of both together"
            )
        super().__init__(**kwds)
        self.dry = dry
        self.wet = wet
        self._flows = False  # whether a target was set since the outputs were at their safe levels

    def read_value(self):
        dry = self.dry.read()
        wet = self.wet.read()
        trouble = getattr(self.dry, "trouble", "") or getattr(self.wet, "trouble", "")
        if trouble:
            self.cut()
            if self.status[1] != trouble:
                self.status = ERROR, trouble
        elif self.status[0] == ERROR:
            self.status = IDLE, "no flow"
        return 100 * wet / (dry + wet) if dry + wet > 0 else 0.0

    def write_target(self, value):
        self._share(value, self._total)
        self.status = IDLE, ""
        self.value = self.read_value()

    def write__total(self, value):
        if self._flows:
            self._share(self.target, value)

    def _share(self, share, total):
        wet = total * share / 100
        self._flows = True
        try:
            self.dry.set(total - wet)
            self.wet.set(wet)
        except Exception:
            self.cut()
            raise

    def cut(self):
        self._flows = False
        try:
            self.dry.cut()
        finally:
            self.wet.cut()

    def off(self):
        self._flows = False
        try:
            self.dry.off()
        finally:
            self.wet.off()

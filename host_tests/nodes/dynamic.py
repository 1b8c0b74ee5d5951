print("a first statement that is an expression")
# ruff: noqa: E402 - a file may begin like this
import secnode.datainfo
from secnode.datainfo import Double, String
from secnode.module import Command, Parameter, Readable
from secnode.node import Node

OPTIONS = {"gain": 2.0, "shift_of_zero": 1.0}
_KINDS = {"which": "two"}


class Amplifier:
    def __init__(self, gain, shift_of_zero, description="none"):
        self.gain = gain
        self.description = description


class _Line:
    """An instrument that answers with what it was told."""

    def write(self, text):
        self.text = text

    def readline(self):
        return self.text


class Probe(Readable):
    value = Parameter(Double(unit="K"), description="what it measures")
    _by_getattr = Parameter(Double(), description="of a method whose name is put together")
    _by_tuple = Parameter(Double(), description="of two names that are set at once")
    _by_keywords = Parameter(Double(), description="of arguments in a dict")
    _by_dir = Parameter(Double(), description="the number of private methods that are found by their names")
    _by_globals = Parameter(String(80), description="of a private name of the module")
    _of_library = Parameter(String(80), description="of classes of the firmware that nobody names")
    _text = Parameter(String(80), description="what an instrument gets")
    _described = Parameter(String(80), description="a description of something else")
    _ask = Command(String(80), String(80), description="what an instrument is asked")
    _lowest, _highest = 3.0, 7.0

    def _scale_one(self):
        return 1.0

    def _scale_two(self):
        return 2.0

    def read_value(self):
        return 1.0

    def read__by_getattr(self):
        return getattr(self, "_scale_" + _KINDS["which"])()

    def read__by_tuple(self):
        return self._highest - self._lowest

    def read__by_keywords(self):
        return Amplifier(**OPTIONS).gain

    def read__by_dir(self):
        return len([name for name in dir(self) if name.startswith("_scale")])

    def read__by_globals(self):
        return globals()["_" + "KINDS"]["which"]

    def read__of_library(self):
        kinds = ["bl" + "ob", "mat" + "rix", "sc" + "aled"]
        return " ".join([getattr(secnode.datainfo, kind[0].upper() + kind[1:]).type for kind in kinds])

    def read__text(self):
        line = _Line()
        line.write("MEAS:VOLT:DC? 10, 0.001\n")
        return line.readline()

    def read__described(self):
        return Amplifier(1, 2, description="what belongs to an amplifier").description

    def do__ask(self, question):
        line = _Line()
        line.write("an answer to the question %s\n" % question)
        return line.readline()


def node(board):
    return Node(equipment_id="test.dynamic", description="reached by names", modules=(Probe(name="p", description="a probe"),))

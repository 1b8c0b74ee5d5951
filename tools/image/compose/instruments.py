"""What the tables of instruments may say (docs/instruments.md): the arguments of instruments/ by their names.

Which of them a class has is told by its signature; what it takes as further keywords stands here, by its bases.
"""

from ...kinds import Choice, Number, Text
from .wanted import Bus, Device, Ending, Flag, Meanings, Members, Register

FILES = (
    "communicator",
    "lakeshore",
    "line",
    "modbus",
    "moving",
    "registers",
    "tables",
)  # those of instruments/ that have what is offered

_REQUEST = Text(r"[^\x00-\x1f\x7f]{1,120}", "a request of 1 to 120 characters on one line")
_FORM = Text(r"[^\x00-\x1f\x7f]{1,60}", 'the form of an answer, as "%f"')
_SHORT = Text(r"[^\x00-\x1f\x7f]{0,60}", "a text of up to 60 characters on one line")
_REAL = Number(-1e9, 1e9)
_POSITIVE = Number(0, 1e9)
_SECONDS = Number(0, 86400, "s")
_ADDRESS = Number(0, 65535, "", True)
_CLASSES = (
    "WARN", "CommunicationFailed", "Disabled", "HardwareError", "Impossible", "IsBusy", "IsError", "OutOfRange", "RangeError",
    "ReadFailed", "TimeoutError",
)  # fmt: skip

#: what [bus.uartN] may say beside pins, with what holds where nothing is said
UART = {
    "baudrate": (Number(300, 1000000, "baud", True), 9600),
    "bits": (Choice((7, 8)), 8),
    "parity": (Choice(("none", "even", "odd")), "none"),
    "stop": (Choice((1, 2)), 1),
}

_BOTH = {
    "device": (Device(), "the instrument"),
    "wire": (Bus("uart"), "the UART that it is on"),
    "timeout": (Number(1, 60000, "ms", True), "ms until the answer has to be there"),
    "retries": (Number(0, 20, "", True), "how often a request is sent once more"),
    "pause": (Number(0, 10000, "ms", True), "ms that it wants between two requests"),
    "echo": (Flag(), "whether it says a request back before it answers"),
    "unit": (Text(r"[^\x00-\x1f\x7f]{0,20}", "a text of up to 20 characters on one line"), "unit of the value"),
    "low": (_REAL, "lowest target"),
    "high": (_REAL, "highest target"),
    "accuracy": (_POSITIVE, "by how much what is read back may differ"),
    "tolerance": (_POSITIVE, "how near to the target it has arrived"),
    "settle": (_SECONDS, "s that it has to be there"),
    "patience": (_SECONDS, "s after which no progress is an error"),
    "moving_bits": (Number(-1, 2147483647, "", True), "which bits say that it is on the way"),
}
#: of a device over a connection of the board's own, in place of a UART
TCP = (
    ("host", Text(r"\d{1,3}(\.\d{1,3}){3}", "a numeric address, as 192.168.0.12"), "the instrument's address, in place of bus"),
    ("port", Number(1, 65535, "", True), "its TCP port"),
)
_LINES = {
    "identify": (_REQUEST, "the request for what it is"),
    "identity": (_SHORT, "what the answer to that begins with"),
    "send_end": (Ending(), "what ends a request"),
    "end": (Ending(), "what ends an answer"),
    "prefix": (_SHORT, "what goes before each request"),
    "query": (_REQUEST, "the request for the value"),
    "command": (_REQUEST, "what sets it, with one place for the value"),
    "readback": (_REQUEST, "the request for what is set"),
    "form": (_FORM, "of the answer"),
    "answer": (_SHORT, "the form of the command's own answer"),
    "moving": (_REQUEST, "the request for whether it is on the way"),
    "moving_form": (_FORM, "of the answer to that"),
    "stop": (_REQUEST, "the command that stops it"),
    "loop": (Number(1, 4, "", True), "the number of the controller's loop"),
    "channel": (Choice(("A", "B", "C", "D")), "the input of its sensor"),
    "answered": (_SHORT, "what a line that is answered has in it"),
    "beside_settings": (Flag(), "whether it may where modules set values"),
}
_REGISTERS = {
    "address": (Number(1, 247, "", True), "address of the slave"),
    "identify": (Register(), "the register that has a known value"),
    "identity": (_ADDRESS, "that value"),
    "register": (_ADDRESS, "the register, counted from 0 as on the line"),
    "target": (_ADDRESS, "the register of the target"),
    "readback": (_ADDRESS, "the register that says what is set"),
    "moving": (_ADDRESS, "the register that says whether it is on the way"),
    "kind": (Choice(("int16", "uint16", "int32", "uint32", "float32", "bit")), "what it holds"),
    "function": (Choice((1, 2, 3, 4)), "by which function it is read"),
    "swapped": (Flag(), "whether the low word comes first"),
}


def kind(argument, arguments):
    """(kind, question) of an argument of a class that has these arguments; None where nobody knows it."""
    return (_REGISTERS if {"register", "address"} & set(arguments) else _LINES).get(argument) or _BOTH.get(argument)


def more(bases, arguments):
    """What a class with these bases takes beside its arguments: (name, argument, kind, needed, question) each."""
    if "Query" not in bases:
        return []
    registers = "register" in arguments
    found = {
        "scale": (_REAL, "the value is this many times what it says"),
        "errors": (Meanings(False, _CLASSES), "what codes and answers mean that are no value"),
        "state": (_ADDRESS if registers else _REQUEST, "the request for the reading's state"),
        "bits": (Meanings(True, _CLASSES), "what the state's bits mean"),
        "agree": (_POSITIVE, "two readings have to be within that much of each other"),
    }
    if not registers:
        found["state_form"] = _LINES["form"]
    if "Setting" in bases:
        wanted = ["low", "high", "accuracy"]
        if "LineDrivable" in bases:
            wanted += ["tolerance", "settle", "patience", "moving_bits"]
        found |= {name: _BOTH[name] for name in wanted}
        if not registers:
            found["readback_form"] = _LINES["form"]
    rows = [(name, name, what, False, question) for name, (what, question) in found.items() if name not in arguments]
    return [*rows, ("members", "", Members(), False, "the names of its numbers")]

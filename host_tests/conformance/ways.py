"""Ways in which a node may be wrong: by what it says of itself, and by what it does."""

import json
import time

from host_tests.conformance.wrong import Refused, Right


def _m(report, name="t"):
    return report["modules"][name]


def _acc(report, name, module="t"):
    return report["modules"][module]["accessibles"][name]


def _set(where, key, value):
    return lambda report: where(report).__setitem__(key, value)


def _drop(where, key):
    return lambda report: where(report).__delitem__(key)


def _info(name, module="t"):
    return lambda report: _acc(report, name, module)["datainfo"]


def _rename(where, old, new):
    return lambda report: where(report).__setitem__(new, where(report).pop(old))


def _accs(report):
    return _m(report)["accessibles"]


# by what it describes: id -> (version, change, words that have to be in an error or warning)
DESCRIBED = {
    "no equipment_id": ("1.0", _drop(lambda r: r, "equipment_id"), "equipment_id is missing"),
    "an empty description": ("1.0", _set(_m, "description", " "), "t: description has to be a text"),
    "a timeout that is no number": ("1.0", _set(lambda r: r, "timeout", "soon"), "timeout has to be a number above 0"),
    "a property of its own without underscore": ("1.0", _set(_m, "colour", "red"), "SECoP has no property colour"),
    "a module name with a space": ("1.0", _rename(lambda r: r["modules"], "p", "my p"), "'my p': a name is letters"),
    "two modules of one name": (
        "1.0",
        lambda r: r["modules"].__setitem__("T", {**_m(r, "p")}),
        "'T' and 't' are one",
    ),
    "a parameter of its own without underscore": ("1.0", _rename(_accs, "_mode", "fast"), "SECoP has no parameter fast"),
    "a command of its own without underscore": ("1.0", _rename(_accs, "stop", "halt"), "SECoP has no command halt"),
    "a group that is a module": ("1.0", _set(_m, "group", "P"), "the group 'P' is the name of a module"),
    "an access string in 1.0": ("1.0", _set(_m, "visibility", "ww-"), "visibility has to be one of user"),
    "a visibility that nobody knows": ("2.0", _set(_m, "visibility", "rwr"), "visibility has to be one of www"),
    "a meaning as a pair in 2.0": ("2.0", _set(_m, "meaning", ["temperature", 10]), "meaning has to be an object"),
    "a meaning that is an object in 1.0": (
        "1.0",
        _set(_m, "meaning", {"function": "ph", "importance": 1}),
        "function and its importance",
    ),
    "an importance beyond 50": ("2.0", _set(_m, "meaning", {"function": "ph", "importance": 70}), "whole number from 0 to 50"),
    "a key without a link": ("2.0", _set(_m, "meaning", {"function": "ph", "importance": 7, "key": "k"}), "key beside a link"),
    "a sensor that regulates": (
        "2.0",
        lambda r: _m(r, "p").__setitem__("meaning", {"function": "ph_regulation", "importance": 1}),
        "is for a Writable",
    ),
    "no base class": ("1.0", _set(_m, "interface_classes", ["Thing"]), "the last of the interface_classes"),
    "classes in the wrong order": (
        "1.0",
        _set(_m, "interface_classes", ["Readable", "Drivable"]),
        "the highest class has to be first",
    ),
    "interface_classes that are a text": ("1.0", _set(_m, "interface_classes", "Drivable"), "has to be a list of strings"),
    "no interface_classes": ("1.0", _drop(_m, "interface_classes"), "interface_classes is missing"),
    "a Drivable without stop": ("1.0", _drop(_accs, "stop"), "a Drivable needs stop"),
    "a Drivable without target": ("1.0", _drop(_accs, "target"), "a Drivable needs target"),
    "a target that is readonly": ("1.0", _set(lambda r: _acc(r, "target"), "readonly", True), "it must not be readonly"),
    "no readonly": ("1.0", _drop(lambda r: _acc(r, "value"), "readonly"), "readonly is missing"),
    "a readonly that is a number": ("1.0", _set(lambda r: _acc(r, "value"), "readonly", 1), "readonly has to be true or false"),
    "a status that is a number": (
        "1.0",
        _set(lambda r: _acc(r, "status"), "datainfo", {"type": "int", "min": 0, "max": 400}),
        "has to be tuple",
    ),
    "a Drivable that is never BUSY": (
        "1.0",
        lambda r: _info("status")(r)["members"][0]["members"].pop("BUSY"),
        "needs a BUSY code",
    ),
    "a status code beyond 499": (
        "1.0",
        lambda r: _info("status")(r)["members"][0]["members"].__setitem__("DEAD", 500),
        "is not from 0 to 499",
    ),
    "a stop with an argument": ("1.0", _set(_info("stop"), "argument", {"type": "bool"}), "stop takes no argument"),
    "a data type that nobody knows": ("1.0", _set(_info("_name"), "type", "text"), "SECoP has no data type 'text'"),
    "an int without max": ("1.0", _drop(_info("value", "p"), "max"), "a int needs max"),
    "a min above the max": ("1.0", _set(_info("target"), "min", 200), "min (200) is above max (100)"),
    "a min that is a text": ("1.0", _set(_info("target"), "min", "0"), "the min has to be a number"),
    "an enum with one value twice": (
        "1.0",
        _set(_info("_mode"), "members", {"OFF": 0, "ON": 0}),
        "two members of the enum have one value",
    ),
    "a fmtstr that C does not know": ("1.0", _set(_info("value"), "fmtstr", "%d degC"), "fmtstr has to be like"),
    "a tuple without members": ("1.0", _set(_info("_pair", "p"), "members", []), "a tuple needs members"),
    "an optional member that is not there": ("1.0", _set(_info("_record", "p"), "optional", ["c"]), "optional names c"),
    "a constant that does not fit": ("1.0", _set(lambda r: _acc(r, "_fixed"), "constant", 30), "the constant does not fit"),
    "limits of another type": (
        "1.0",
        _set(_info("target_limits"), "members", [{"type": "string"}] * 2),
        "the data type of target, double, not string",
    ),
    "limits in two ways": (
        "1.0",
        lambda r: _accs(r).__setitem__("target_max", dict(_acc(r, "target"))),
        "exclude each other",
    ),
    "a matrix in 1.0": (
        "1.0",
        _set(lambda r: _acc(r, "_name"), "datainfo", {"type": "matrix", "names": ["x"], "maxlen": [3], "elementtype": "<f4"}),
        "matrix is a data type of SECoP 2.0",
    ),
    "a system of no module": ("2.0", lambda r: r["systems"]["pair"]["modules"].__setitem__("C", "q"), "C is 'q'"),
    "schemata without SECoP's": ("2.0", _set(lambda r: r, "schemata", ["https://example.org/a.yaml"]), "that of SECoP itself"),
    "a feature without its parameter": ("2.0", _set(_m, "features", ["HasOffset"]), "HasOffset needs offset"),
    "a parameter that nobody serves": (
        "1.0",
        lambda r: _accs(r).__setitem__("_more", dict(_acc(r, "value"))),
        "t:_more: activate brings no update",
    ),
    "a value of another type": ("1.0", _set(_info("value"), "type", "string"), "the value does not fit its datainfo"),
    "a parameter that is not described": ("1.0", _drop(_accs, "_name"), "which the description does not have"),
}


class _Talks:
    """Makes classes of connections that do one thing wrong."""

    def __init__(self):
        self.ways = {}

    def __call__(self, version, words, drive=False):
        def note(cls):
            self.ways[cls.__doc__] = (version, cls, words, drive)
            return cls

        return note


way = _Talks()
TALKED = way.ways


@way("1.0", "sends something before it was asked")
class _Greets(Right):
    """a greeting"""

    def __init__(self, node, say):
        super().__init__(node, say)
        say("update t:value [1, {}]")


@way("1.0", "has to begin with 'describing . '")
class _OtherSpecifier(Right):
    """describing without the dot"""

    def on_describe(self, specifier, data):
        self.say("describing node " + json.dumps(self.node.report))


@way("1.0", "a second describe gives another text")
class _Unstable(Right):
    """a description that changes"""

    def on_describe(self, specifier, data):
        self.node.report["firmware"] += "x"
        super().on_describe(specifier, data)


@way("1.0", "has to begin with 'pong abc'")
class _Forgets(Right):
    """pong without the token"""

    def on_ping(self, specifier, data):
        self.say("pong  " + self.report(None))


@way("1.0", "pong crlf")
class _Returns(Right):
    """a carriage return taken for a part of the line"""

    def answer(self, raw):
        return super().answer(raw.replace(b"\r", b"?"))


@way("1.0", "timestamp is no number")
class _Dates(Right):
    """timestamps as text"""

    def report(self, value):
        return json.dumps([value, {"t": "today"}])


@way("1.0", "its clock is not set")
class _Uptime(Right):
    """the uptime as timestamp"""

    def report(self, value):
        return json.dumps([value, {"t": 12.5}])


@way("1.0", "in the future")
class _Tomorrow(Right):
    """a clock that is ahead"""

    def report(self, value):
        return json.dumps([value, {"t": time.time() + 7200}])


@way("1.0", "no data report")
class _Bare(Right):
    """values without qualifiers"""

    def report(self, value):
        return json.dumps([value])


@way("1.0", "activate brings no update of it")
class _Late(Right):
    """active before the updates"""

    def on_activate(self, specifier, data):
        say, later = self.say, []
        self.say = later.append
        super().on_activate(specifier, data)
        self.say = say
        for line in reversed(later):
            say(line)


@way("1.0", "the answer has to be 'active'")
class _Renames(Right):
    """active with another name"""

    def on_activate(self, specifier, data):
        self.say, say = (lambda line: say(line.replace("active", "active .") if line.startswith("active") else line)), self.say
        super().on_activate(specifier, data)
        self.say = say


@way("1.0", "t:_fixed: a constant, and there are updates of it")
class _TellsConstants(Right):
    """updates of constants"""

    def on_activate(self, specifier, data):
        self.say(f"update t:_fixed {self.report(3)}")
        super().on_activate(specifier, data)


@way("1.0", "brings updates of p, too")
class _AllModules(Right):
    """all updates for one module"""

    def on_activate(self, specifier, data):
        say = self.say
        self.say = lambda line: say(line) if not line.startswith("active") else say(f"active {specifier}".strip())
        super().on_activate("", data)
        self.say = say


@way("1.0", "updates go on after deactivate")
class _Deaf(Right):
    """deactivate without effect"""

    def on_deactivate(self, specifier, data):
        self.say("inactive")


@way("1.0", "updates go on after *IDN?")
class _Sticky(Right):
    """*IDN? that leaves updates on"""

    def identify(self):
        self.say(self.node.identification)


@way("1.0", "a client gets updates that another one has activated")
class _Everybody(Right):
    """updates for everybody"""

    def __init__(self, node, say):
        super().__init__(node, say)
        self._all = False

    def on_activate(self, specifier, data):
        super().on_activate(specifier, data)
        for connection in self.node._open:
            connection.active = True


@way("1.0", "has to begin with 'reply t:value'")
class _Updates(Right):
    """updates in place of replies"""

    def on_read(self, specifier, data):
        self.say(f"changed {specifier} {self.read(specifier)}")


@way("1.0", "it has to be refused (ProtocolError)")
class _Polite(Right):
    """anything is taken"""

    def refuse(self, action, specifier, name, text):
        if name == "ProtocolError" and action.startswith("no_such"):
            self.say(f"pong {specifier} [null, {{}}]")
        else:
            super().refuse(action, specifier, name, text)


@way("1.0", "not InternalError")
class _Crashes(Right):
    """InternalError for rubbish"""

    def refuse(self, action, specifier, name, text):
        super().refuse(action, specifier, "InternalError" if name == "BadJSON" else name, text)


@way("1.0", "the error has to be NoSuchModule, not NoSuchParameter")
class _Mixes(Right):
    """the wrong class of error"""

    def refuse(self, action, specifier, name, text):
        super().refuse(action, specifier, "NoSuchParameter" if name == "NoSuchModule" else name, text)


@way("1.0", "no error report")
class _Curt(Right):
    """errors without a report"""

    def refuse(self, action, specifier, name, text):
        self.say(f'error_{action} {specifier} ["{name}"]')


@way("1.0", "the answer has to begin with 'error_read no_such_module:value'")
class _Anonymous(Right):
    """errors without action and specifier"""

    def refuse(self, action, specifier, name, text):
        super().refuse("", "", name, text)


@way("1.0", "the error has to be ReadOnly")
class _Types(Right):
    """readonly parameters that are judged first"""

    def on_change(self, specifier, data):
        if self.find(specifier)["readonly"]:
            raise Refused("Impossible", "not now")
        super().on_change(specifier, data)


@way("1.0", "closed the connection")
class _HangsUp(Right):
    """a connection that ends at bytes that are no text"""

    def answer(self, raw):
        return False if b"\xff" in raw else super().answer(raw)


@way("1.0", "does not answer within")
class _Silent(Right):
    """silence at what it does not know"""

    def refuse(self, action, specifier, name, text):
        if name != "NoSuchCommand":
            super().refuse(action, specifier, name, text)


@way("2.0", "check has changed it")
class _Sets(Right):
    """check that sets"""

    def on_check(self, specifier, data):
        super().on_check(specifier, data)
        self.node.values[specifier] = 50


@way("2.0", "the error has to be NotCheckable")
class _ChecksAll(Right):
    """check that knows only some"""

    def on_check(self, specifier, data):
        try:
            super().on_check(specifier, data)
        except Refused as e:
            raise Refused("Impossible" if e.args[0] == "NotCheckable" else e.args[0], "") from None


@way("2.0", "it has to be refused (RangeError)")
class _Generous(Right):
    """check that takes all"""

    def judge(self, found, specifier, value):
        try:
            return super().judge(found, specifier, value)
        except Refused as e:
            if e.args[0] == "RangeError":
                return value
            raise


@way("1.0", "the update of the status to BUSY has to come before 'changed'", drive=True)
class _BusyLater(Right):
    """BUSY after changed"""

    def on_change(self, specifier, data):
        found = self.find(specifier)
        if found["readonly"]:
            raise Refused("ReadOnly", specifier)
        value = self.judge(found, specifier, self.load(data))
        moves = specifier == "t:target" and value != self.node.values[specifier]
        self.node.set(specifier, value)
        self.say(f"changed {specifier} {self.report(value)}")
        if moves:
            self.node.set("t:status", [300, "on the way"])


@way("1.0", 'change t:_name "xxxxxxxxx": it has to be refused (RangeError)', drive=True)
class _TakesAll(_Generous):
    """change that takes what is out of range"""


@way("1.0", "do t:stop null", drive=True)
class _NoNull(Right):
    """a command that refuses null"""

    def on_do(self, specifier, data):
        if data == "null":
            raise Refused("WrongType", "no argument")
        super().on_do(specifier, data)


@way("2.0", "check and change do not say the same", drive=True)
class _Disagrees(Right):
    """check that refuses by another class"""

    def on_check(self, specifier, data):
        try:
            super().on_check(specifier, data)
        except Refused as e:
            raise Refused("Impossible" if e.args[0] == "RangeError" else e.args[0], "") from None


@way("1.0", "has another value than its answer", drive=True)
class _TellsOld(Right):
    """changed with another value than the update"""

    def on_change(self, specifier, data):
        say = self.say
        self.say = lambda line: say(line if not line.startswith("changed t:_mode") else f"changed t:_mode {self.report(0)}")
        super().on_change(specifier, data)
        self.say = say


# by what it answers to *IDN?
IDENTIFIED = {
    "three fields": ("ISSE,SECoP,v2.0", "four fields, not 3"),
    "no version": ("ISSE,SECoP,,2.0", "the fourth field has to be a version"),
    "a version that is not there": ("ISSE,SECoP,,v7.0", "the fourth field has to be a version"),
    "a third field that is no date": ("ISSE,SECoP,rc1,v2.0", "the third field has to be empty or a date"),
}

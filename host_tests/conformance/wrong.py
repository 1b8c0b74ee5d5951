"""A small SEC node that is right, and can be made wrong in one way at a time: WAYS has them, with what has to be found of each.

It is none of ours, and made of other code: what both get wrong by one mistake would show here.
"""

import copy
import json
import socket
import threading
import time

STATUS = {
    "type": "tuple",
    "members": [{"type": "enum", "members": {"IDLE": 100, "BUSY": 300, "ERROR": 400}}, {"type": "string", "isUTF8": True}],
}
CELSIUS = {"type": "double", "min": 0, "max": 100, "unit": "degC"}
VALUES = {
    "t:value": 20.5, "t:status": [100, "fine"], "t:target": 20.5, "t:target_limits": [0, 90], "t:_mode": 1,
    "t:_name": "a", "p:value": 3, "p:status": [100, ""], "p:_pair": [1, True], "p:_record": {"a": 1, "b": 2},
}  # fmt: skip


def _a(info, readonly=True, **more):
    return {"description": "about it", "datainfo": copy.deepcopy(info), "readonly": readonly, **more}


def right(version):
    """The description of a node with nothing wrong."""
    new = version == "2.0"
    number = {"type": "double", "min": 0, "max": 100}
    report = {
        "equipment_id": "right", "description": "nothing is wrong with it", "timeout": 3, "firmware": "x 1",
        "modules": {
            "t": {
                "description": "a thing", "interface_classes": ["Thing", "Drivable"], "group": "things",
                "visibility": "www" if new else "user",
                "accessibles": {
                    "value": _a({"type": "double", "unit": "degC"}),
                    "status": _a(STATUS),
                    "target": _a(CELSIUS, False, **({"checkable": True} if new else {})),
                    "target_limits": _a({"type": "tuple", "members": [number, number]}, False),
                    "stop": {"description": "halt", "datainfo": {"type": "command"}},
                    "_mode": _a({"type": "enum", "members": {"OFF": 0, "ON": 1}}, False),
                    "_name": _a({"type": "string", "maxchars": 8}, False),
                    "_fixed": _a({"type": "int", "min": 0, "max": 9}, True, constant=3),
                },
            },
            "p": {
                "description": "a counter", "interface_classes": ["Readable"],
                "accessibles": {
                    "value": _a({"type": "int", "min": 0, "max": 100}),
                    "status": _a(STATUS),
                    "_pair": _a({"type": "tuple", "members": [{"type": "int", "min": 0, "max": 9}, {"type": "bool"}]}),
                    "_record": _a({"type": "struct", "members": {"a": {"type": "double"}, "b": {"type": "double"}}}),
                },
            },
        },
    }  # fmt: skip
    if new:
        report["systems"] = {"pair": {"description": "both", "system": "Pair", "modules": {"A": "t", "B": "p"}}}
        t = report["modules"]["t"]
        t["meaning"] = {"function": "temperature_regulation", "importance": 10}
        t["accessibles"]["target"]["visibility"] = "ww-"
    return report


class Refused(Exception):
    pass


class Right:
    """What one connection is answered. Each method gives the data of an answer, or raises Refused(class, text)."""

    def __init__(self, node, say):
        self.node, self.say = node, say
        self.active = False

    def answer(self, raw):
        """Answer a line, bytes without line feed."""
        try:
            line = raw.removesuffix(b"\r").decode()
        except UnicodeDecodeError:
            return self.say('error_  ["ProtocolError", "no UTF-8", {}]')
        if line == "*IDN?":
            return self.identify()
        action, _, rest = line.partition(" ")
        specifier, _, data = rest.partition(" ")
        try:
            method = getattr(self, "on_" + action, None)
            if method is None:
                raise Refused("ProtocolError", "no such action")
            return method(specifier, data)
        except Refused as e:
            return self.refuse(action, specifier, *e.args)

    def identify(self):
        self.active = False
        self.say(self.node.identification)

    def refuse(self, action, specifier, name, text):
        self.say(f"error_{action} {specifier} {json.dumps([name, text, {}])}")

    def report(self, value):
        return json.dumps([value, {"t": time.time()}])

    def find(self, specifier, command=False):
        module, colon, name = specifier.partition(":")
        if not colon:
            raise Refused("ProtocolError", "no specifier")
        modules = self.node.described["modules"]
        if module not in modules:
            raise Refused("NoSuchModule", module)
        found = modules[module]["accessibles"].get(name)
        if found is None or (found["datainfo"]["type"] == "command") != command:
            raise Refused("NoSuchCommand" if command else "NoSuchParameter", name)
        return found

    def load(self, data):
        try:
            return json.loads(data)
        except ValueError:
            raise Refused("BadJSON", "no JSON") from None

    def judge(self, found, specifier, value):
        info = found["datainfo"]
        kind = info["type"]
        good = {
            "double": isinstance(value, (int, float)) and not isinstance(value, bool),
            "enum": isinstance(value, int) and not isinstance(value, bool), "string": isinstance(value, str),
            "tuple": isinstance(value, list) and len(value) == 2,
        }[kind]  # fmt: skip
        if not good:
            raise Refused("WrongType", kind)
        inside = {
            "double": lambda: info.get("min", value) <= value <= info.get("max", value),
            "enum": lambda: value in info["members"].values(), "string": lambda: len(value) <= info["maxchars"],
            "tuple": lambda: all(0 <= part <= 100 for part in value),
        }[kind]  # fmt: skip
        if not inside():
            raise Refused("RangeError", "out of range")
        return value

    def on_describe(self, specifier, data):
        self.say("describing . " + json.dumps(self.node.report))

    def on_ping(self, specifier, data):
        self.say(f"pong {specifier} {self.report(None)}")

    def on_activate(self, specifier, data):
        if specifier and specifier not in self.node.described["modules"]:
            raise Refused("NoSuchModule", specifier)
        self.active = True
        for name, value in self.node.values.items():
            if not specifier or name.startswith(specifier + ":"):
                self.say(f"update {name} {self.report(value)}")
        self.say(f"active {specifier}".strip())

    def on_deactivate(self, specifier, data):
        self.active = False
        self.say("inactive")

    def on_read(self, specifier, data):
        self.say(f"reply {specifier} {self.read(specifier)}")

    def read(self, specifier):
        """The data report of a parameter."""
        if "constant" in self.find(specifier):
            raise Refused("ReadOnly", "a constant")
        return self.report(self.node.values[specifier])

    def on_change(self, specifier, data):
        found = self.find(specifier)
        if found["readonly"]:
            raise Refused("ReadOnly", specifier)
        value = self.judge(found, specifier, self.load(data))
        if specifier == "t:target" and value != self.node.values[specifier]:
            self.node.set("t:status", [300, "on the way"])
        self.node.set(specifier, value)
        self.say(f"changed {specifier} {self.report(value)}")

    def on_do(self, specifier, data):
        self.find(specifier, command=True)
        if data not in ("", "null"):
            raise Refused("WrongType", "no argument")
        self.node.set("t:status", [100, "stopped"])
        self.say(f"done {specifier} {self.report(None)}")

    def on_check(self, specifier, data):
        if self.node.version != "2.0":
            raise Refused("ProtocolError", "no check")
        module = specifier.partition(":")[0]
        if module not in self.node.described["modules"]:
            raise Refused("NoSuchModule", specifier)
        found = self.node.described["modules"][module]["accessibles"].get(specifier.partition(":")[2], {})
        if not found.get("checkable"):
            raise Refused("NotCheckable", specifier)
        self.say(f"checked {specifier} {self.report(self.judge(found, specifier, self.load(data)))}")


class Node:
    """Serves over TCP. `change` is what makes the description wrong, `connection` a class in place of Right."""

    def __init__(self, version, change=None, connection=Right, identification=None):
        self.version = version
        self.identification = (
            identification or {"1.0": "ISSE&SINE2020,SECoP,V2019-09-16,v1.0", "2.0": "ISSE,SECoP,,v2.0"}[version]
        )
        self.described = right(version)
        self.report = copy.deepcopy(self.described)  # what it says of itself; what it does stays right
        if change:
            change(self.report)
        self.values = copy.deepcopy(VALUES)
        self._connection = connection
        self._open = []
        self._over = False
        self._lock = threading.RLock()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.1)
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept), threading.Thread(target=self._poll)]

    def set(self, name, value):
        self.values[name] = value
        for connection in list(self._open):
            if connection.active:
                connection.say(f"update {name} {connection.report(value)}")

    def _poll(self):
        while not self._over:
            time.sleep(0.03)
            with self._lock:
                self.set("t:value", self.values["t:value"])

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._over = True
        for thread in self._threads:
            thread.join(10)
        self._socket.close()

    def _accept(self):
        while not self._over:
            try:
                sock, _ = self._socket.accept()
            except TimeoutError:
                continue
            self._threads.append(threading.Thread(target=self._serve, args=(sock,)))
            self._threads[-1].start()

    def _serve(self, sock):
        def say(text):
            try:
                sock.sendall(text.encode("utf-8", "surrogateescape") + b"\n")
            except OSError:
                pass  # it went away; the reading side sees that

        sock.settimeout(0.1)
        connection = self._connection(self, say)
        self._open.append(connection)
        came = b""
        with sock:
            while not self._over:
                try:
                    data = sock.recv(65536)
                except TimeoutError:
                    continue
                except OSError:
                    break
                if not data:
                    break
                *lines, came = (came + data).split(b"\n")
                for line in lines:
                    with self._lock:
                        if connection.answer(line) is False:  # it hangs up
                            self._open.remove(connection)
                            return
        self._open.remove(connection)

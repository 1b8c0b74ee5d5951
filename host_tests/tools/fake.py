"""A node that says what a test wants, however wrong it is."""

import json
import select
import socket
import threading

IDN = "ISSE,SECoP,V2019-09-16,v1.0"
STATUS = {"type": "tuple", "members": [{"type": "enum", "members": {"IDLE": 100, "BUSY": 300}}, {"type": "string"}]}


def accessible(info, **properties):
    return {"description": "about it", "datainfo": info, "readonly": True, **properties}


def structure(unit="K", info=None, **module):
    """A node with one Drivable `t`."""
    info = info or {"type": "double", "unit": unit}
    accessibles = {
        "value": accessible(info),
        "status": accessible(STATUS),
        "target": accessible(info, readonly=False, checkable=True),
        "stop": {"description": "halt", "datainfo": {"type": "command"}},
    }
    module = {"interface_classes": ["Drivable"], "description": "a thing", "accessibles": accessibles, **module}
    return {"equipment_id": "fake", "description": "a fake", "modules": {"t": module}}


class FakeNode:
    """Serves over TCP: `answers` has what is said to a request (by the whole line, or its action and specifier, or its action):
    text of one or more lines, or a function of the line that gives it. None closes the connection.

    `heard` has all requests. `also` is called after each with (line, say), and may say more.
    """

    def __init__(self, answers=None, description=None, also=None):
        self.heard = []
        self.target = 0
        self._also = also or (lambda line, say: None)
        self._said = {
            "*IDN?": IDN,
            "describe": "describing . " + json.dumps(structure() if description is None else description),
            "activate": self._activate,
            "read t:value": lambda line: f"reply t:value [{json.dumps(self.target)}, {{}}]",
            "read t:status": 'reply t:status [[100, "fine"], {}]',
            "change": self._change,
            "check": lambda line: "checked t:target [" + line.split(" ", 2)[2] + ", {}]",
            "do": lambda line: "done " + line.split(" ")[1] + " [null, {}]",
            "ping": lambda line: "pong " + line.partition(" ")[2] + " [null, {}]",
            **(answers or {}),
        }
        self._over = False
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def _activate(self, line):
        module = line.partition(" ")[2]
        lines = ['update t:status [[100, "fine"], {}]', f"update t:value [{json.dumps(self.target)}, {{}}]"]
        return "\n".join([*lines, f"update t:target [{json.dumps(self.target)}, {{}}]", f"active {module}".strip()])

    def _change(self, line):
        self.target = json.loads(line.split(" ", 2)[2])
        return f"changed t:target [{json.dumps(self.target)}, {{}}]"

    def __enter__(self):
        self._threads[0].start()
        return self

    def __exit__(self, *_):
        self._over = True
        self._socket.close()
        for thread in self._threads:
            thread.join(10)

    def _accept(self):
        while not self._over:
            if select.select([self._socket], [], [], 0.1)[0]:
                try:
                    connection, _ = self._socket.accept()
                except OSError:
                    return
                self._threads.append(threading.Thread(target=self._serve, args=(connection,), daemon=True))
                self._threads[-1].start()

    def _serve(self, connection):
        def say(text):
            connection.sendall(text.encode("utf-8", "surrogateescape") + b"\n")

        connection.settimeout(0.1)
        came = b""
        try:
            with connection:
                while not self._over:
                    try:
                        data = connection.recv(65536)
                    except TimeoutError:
                        continue
                    if not data:
                        return
                    *lines, came = (came + data).split(b"\n")
                    for line in lines:
                        line = line.decode("utf-8", "replace").rstrip("\r")
                        self.heard.append(line)
                        words = line.split(" ")
                        keys = (line, " ".join(words[:2]), words[0])
                        answer = next(
                            (self._said[key] for key in keys if key in self._said), 'error_x  ["ProtocolError", "?", {}]'
                        )
                        answer = answer(line) if callable(answer) else answer
                        if answer is None:
                            return
                        if answer:
                            say(answer)
                        self._also(line, say)
        except OSError:
            return  # the client went away

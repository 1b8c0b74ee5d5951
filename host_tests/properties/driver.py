"""Answers questions about the firmware's data types, one JSON line each, at either level.

    python3 -u driver.py FIRMWARE SHIMS        micropython driver.py FIRMWARE

A question is [operation, argument, ...], an answer ["ok", result] or ["error", class, text]. Values travel as in
coded.py.
"""

import sys

sys.path.insert(0, sys.argv[1])
if sys.implementation.name == "cpython":
    sys.path.insert(0, sys.argv[2])
    import cpython  # noqa: F401 - it has effects alone

import gc
import io
import json

from coded import decode, encode, to_bytes, to_hex

from secnode import datainfo, jsonvalue, message, number


def build(d):
    """The data type of a datainfo in the description's form."""
    kind = d["type"]
    d = {key: value for key, value in d.items() if key != "type"}
    if kind == "enum":
        return datainfo.Enum(d["members"])
    if kind == "array":
        d["members"] = build(d["members"])
    if kind == "tuple":
        return datainfo.Tuple(*[build(m) for m in d["members"]])
    if kind == "struct":
        d["members"] = {name: build(m) for name, m in d["members"].items()}
    return getattr(datainfo, kind[0].upper() + kind[1:])(**d)


def _parse(text):
    return jsonvalue.parse(memoryview(text), 0, len(text))


def _wire(datatype, value):
    """What the node sends for a value."""
    return number.dumps(datatype.export(value)).encode()


def parse(text):
    """What the parser makes of JSON text (hex)."""
    return encode(_parse(to_bytes(text)))


def check(d, text, current=None):
    """[inside, wire, inside again]: a client's value checked, sent out, and that checked again."""
    datatype = build(d)
    if current is not None:
        current = datatype.check(_parse(to_bytes(current)))
    value = datatype.check(_parse(to_bytes(text)), current)
    wire = _wire(datatype, value)
    return [encode(value), to_hex(wire), encode(datatype.check(_parse(wire), current))]


def convert(d, coded):
    """[inside, wire] of what a driver gives."""
    datatype = build(d)
    value = datatype.convert(decode(coded))
    return [encode(value), to_hex(_wire(datatype, value))]


def is_within(d, coded):
    """Whether what a driver gives is within the limits of its data type."""
    datatype = build(d)
    return datainfo.is_within(datatype, datatype.convert(decode(coded)))


def default(d):
    """[inside, wire, inside after a check of that] of a data type's default."""
    datatype = build(d)
    value = datatype.default
    wire = _wire(datatype, datatype.convert(value))
    return [encode(value), to_hex(wire), encode(datatype.check(_parse(wire)))]


def is_text(text):
    """Whether bytes are taken as the text of a line."""
    text = to_bytes(text)
    return message.is_text(memoryview(text), 0, len(text))


def bits():
    """How many bits the fraction of this Python's floats has."""
    return 24 if 16777217.0 == float(16777216) else 53


def printed(coded):
    """[text, inside again] of a value as the node prints it."""
    text = number.dumps(decode(coded))
    return [to_hex(text), encode(_parse(text.encode()))]


def allocated(coded):
    """Bytes that printing a value takes, for the first time and once more; 0 where Python can't tell."""
    value = decode(coded)
    out = io.BytesIO(bytes(500))
    number.dump(1.5, out)  # what is made once is there
    found = []
    gc.collect()
    gc.disable()
    for _ in range(2):
        out.seek(0)
        before = gc.mem_alloc()
        number.dump(value, out)
        found.append(gc.mem_alloc() - before)
    gc.enable()
    return found


def serve(operations):
    """Answer until the questions end."""
    while True:
        line = sys.stdin.readline()
        if not line:
            return
        words = json.loads(line)
        try:
            answer = ["ok", operations[words[0]](*words[1:])]
        except Exception as e:
            answer = ["error", type(e).__name__, getattr(e, "text", str(e))]
        print(json.dumps(answer))


if __name__ == "__main__":
    serve({
        "parse": parse, "check": check, "convert": convert, "default": default, "is_text": is_text, "bits": bits,
        "is_within": is_within,
        "printed": printed, "allocated": allocated,
    })  # fmt: skip

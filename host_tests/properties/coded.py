"""Values with their type, exactly, as JSON that both levels read alike: neither's `json` keeps every number and string."""

import binascii
import struct


def to_bytes(text):
    return binascii.unhexlify(text)


def to_hex(data):
    """Bytes, or a str's UTF-8, as text that no encoding can harm."""
    if isinstance(data, str):
        data = data.encode()
    return str(binascii.hexlify(data), "utf-8")


def encode(value):
    """A value with its type, exactly."""
    if value is None or value is True or value is False:
        return [str(value)]
    if isinstance(value, int):
        return ["int", str(value)]
    if isinstance(value, float):
        return ["float", to_hex(struct.pack("<d", value))]
    if isinstance(value, str):
        return ["str", to_hex(value.encode())]
    if isinstance(value, (bytes, bytearray)):
        return ["bytes", to_hex(value)]
    if isinstance(value, dict):
        return ["dict", [[encode(k), encode(v)] for k, v in value.items()]]
    return [type(value).__name__, [encode(v) for v in value]]


def decode(coded):
    kind, rest = coded[0], coded[1] if len(coded) > 1 else None
    if kind in ("None", "True", "False"):
        return {"None": None, "True": True, "False": False}[kind]
    if kind == "int":
        return int(rest)
    if kind == "float":
        return struct.unpack("<d", to_bytes(rest))[0]
    if kind == "str":
        return str(to_bytes(rest), "utf-8")
    if kind == "bytes":
        return to_bytes(rest)
    if kind == "dict":
        return {decode(k): decode(v) for k, v in rest}
    return (tuple if kind == "tuple" else list)([decode(v) for v in rest])

"""Whether a node would take a value: what is asked, and the answer in words."""

import json

from ..problem import Problem
from . import client


def load(text):
    """A JSON value of RFC 8259, without Python's NaN and Infinity. Raises ValueError."""
    try:
        value = json.loads(text)
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
        return value
    except RecursionError:
        raise ValueError("nested too deep") from None


def parse(text):
    """A value as a person types it: JSON, or a plain word for a string."""
    try:
        return load(text)
    except ValueError:
        if text[:1] in '[{"' or text[:1].isdigit():
            raise Problem(f"{text!r} is not JSON: write '[1, 2.5]' or '{{\"a\": 1}}', in quotes") from None
        return text


class CannotCheck(Problem):
    """The node, or this accessible of it, does not support check."""


class Verdict:
    """What a node said of a value: the value as it would be used, or the error."""

    def __init__(self, value=None, error=None):
        self.value = value
        self.error = error

    @property
    def accepted(self):
        return self.error is None

    @property
    def closest(self):
        """The closest value that would be taken; None where the node names none."""
        return self.error.info.get("closest_valid") if self.error else None

    def words(self, what):
        if self.accepted:
            return f"yes: {what} would be {json.dumps(self.value)}" if self.value is not None else f"yes: {what} would be done"
        reasons = {
            "Impossible": "not with the present configuration",
            "RangeError": "never, it is out of range",
            "WrongType": "never, it is of the wrong type",
        }
        text = f"no, {reasons.get(self.error.name, self.error.name)}: {self.error.text}"
        if self.closest is not None:
            text += f"\nthe closest value that would be taken: {json.dumps(self.closest)}"
        return text


async def ask(connection, specifier, value):
    """The node's Verdict on a value. Raises CannotCheck where it can't tell, Problem where there is no such thing."""
    try:
        _, _, data = await connection.request("check", specifier, value)
        return Verdict(value=data[0] if isinstance(data, list) and data else None)
    except client.SECoPError as e:
        if e.name == "ProtocolError" and ":" in specifier:
            raise CannotCheck(f"{connection.name} has no check: only trying shows what it takes") from None
        if e.name == "NotCheckable":
            raise CannotCheck(f"{specifier} can't be checked: only trying shows what it takes") from None
        if e.name in ("ProtocolError", "NoSuchModule", "NoSuchParameter", "NoSuchCommand"):
            raise Problem(str(e)) from None
        return Verdict(error=e)

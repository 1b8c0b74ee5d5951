"""What a user may say: texts and numbers with their bounds, for a node's file and for a board's settings.

Each has `words` that say what it has to be, `secret`, whether it must not be shown, and parse(value): the value, from a user's
text or from a file. It raises ValueError with what is wrong, without the value.
"""

import re
from typing import NamedTuple

_NUMBER = re.compile(r" *[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)? *")


class Text(NamedTuple):
    """A text that matches a pattern as a whole."""

    pattern: str
    words: str
    secret: bool = False

    def parse(self, value):
        if not isinstance(value, str) or not re.fullmatch(self.pattern, value):
            raise ValueError(f"has to be {self.words}")
        return value


class Bytes(NamedTuple):
    """A printable text of so many bytes in UTF-8."""

    least: int
    most: int
    secret: bool = False

    @property
    def words(self):
        return f"{self.least} to {self.most} bytes" if self.least else f"up to {self.most} bytes"

    def parse(self, value):
        if not (isinstance(value, str) and self.least <= len(value.encode()) <= self.most and value.isprintable()):
            raise ValueError(f"has to be a text of {self.words}")
        return value


class Number(NamedTuple):
    """A number from `low` to `high`, a whole one where it is `whole`."""

    low: float
    high: float
    unit: str = ""
    whole: bool = False
    secret: bool = False

    @property
    def words(self):
        return f"{self.low:.10g} to {self.high:.10g} {self.unit}".rstrip()

    def parse(self, value):
        number = None
        if (
            isinstance(value, (int, float))
            and not isinstance(value, bool)
            or isinstance(value, str)
            and _NUMBER.fullmatch(value)
        ):
            number = float(value) if isinstance(value, str) else value
        if number is None or not self.low <= number <= self.high or self.whole and number != int(number):
            raise ValueError(f"has to be a {'whole ' if self.whole else ''}number from {self.words}")
        return int(number) if number == int(number) else number


class Choice(NamedTuple):
    """One of some numbers."""

    numbers: tuple
    unit: str = ""
    secret: bool = False

    @property
    def words(self):
        return f"{' or '.join(map(str, self.numbers))} {self.unit}".rstrip()

    def parse(self, value):
        for number in self.numbers:
            if value in (number, str(number)) and not isinstance(value, bool):
                return number
        raise ValueError(f"has to be {self.words}")

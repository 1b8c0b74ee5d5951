"""Settings that a user gives for a board: KEY=VALUE, and secrets from where nobody sees them."""

import getpass
import os
import sys
import warnings

from ..problem import Problem
from . import kept


class Ask(str):
    """In place of a secret that is still to be asked for."""


def split(text):
    """(key, value as text) of a --set; the value is Ask where none is given."""
    key, equals, value = text.partition("=")
    kind = kept.KEYS.get(key)
    if kind and kind.secret:
        if equals:
            raise Problem(f"{key} on the command line is seen by others and kept in the shell's history: write --set {key}")
        return key, Ask()
    if not equals:
        raise Problem(f"--set takes KEY=VALUE, not {text!r}")
    return key, value


def value(key, text):
    """The value of a board's setting, from its text; None where there is none. Raises Problem."""
    if text is None:
        return None
    kind = kept.KEYS[key]
    if isinstance(text, Ask):
        text = secret(key)
    try:
        return kind.parse(text)
    except ValueError as e:
        raise Problem(f"{key} {e}" + ("" if kind.secret else f", not {text!r}")) from None


def secret(key):
    """A secret from the environment, a prompt that does not show it, or stdin."""
    found = os.environ.get("SECNODE_" + key.replace(".", "_").upper())
    if found is not None:
        return found
    if sys.stdin.isatty():
        return hidden(f"{kept.QUESTIONS[key]}: ")
    return sys.stdin.readline().rstrip("\r\n")


def hidden(prompt):
    """What is typed, not shown. Raises Problem where the terminal can't do that."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)
            return getpass.getpass(prompt)
    except getpass.GetPassWarning:
        raise Problem("this terminal would show the password: use --set wifi.password with stdin") from None

"""What may come next in a line of SECoP, by the description of the node."""

import json

from . import layout
from .description import datainfo, fits

_ACTIONS = {
    "read": "get a value",
    "change": "set a parameter",
    "do": "carry out a command",
    "check": "would change or do take it?",
    "activate": "send updates from now on",
    "deactivate": "no more updates",
    "describe": "all that the node has",
    "ping": "are you there?",
    "logging": "send what the node logs",
    "help": "what the node says about its use",
    "*IDN?": "who speaks here",
}
_LEVELS = ("debug", "info", "error", "off")
_MANY = 40  # specifiers to choose from; where there are more, the module is chosen first


def candidates(description, line):
    """What the last word of a line may become: a list of (text, what it is)."""
    words = line.split(" ", 2)
    if len(words) == 1:
        found = _actions(description)
    elif len(words) == 2:
        found = _specifiers(description, words[0], words[1])
    else:
        found = _values(description, words[0], words[1])
        if words[2] and words[2][0] not in '"':
            # the quotes of a name may be left to us
            return [(text, meta) for text, meta in found if text.strip('"').lower().startswith(words[2].lower())]
    return [(text, meta) for text, meta in found if text.lower().startswith(words[-1].lower())]


def last_word(line):
    """The part of a line that candidates() completes."""
    return line.split(" ", 2)[-1]


def hint(description, line):
    """What the value or argument that is being typed has to be; "" where nothing is known."""
    words = line.split(" ", 2)
    a = description.accessible(words[1], words[0]) if len(words) > 1 else {}
    if not a or words[0] not in ("change", "check", "do", "read"):
        return ""
    return f"{words[1].rstrip(':')}: {layout.type_text(datainfo(a))}"


def _actions(description):
    checks = any(fits(a, "check") for _, _, a in description.all())
    return [(action, meta) for action, meta in _ACTIONS.items() if checks or action != "check"]


def _specifiers(description, action, word):
    if action in ("activate", "deactivate", "logging"):
        return [(m, description.module_text(m, "description")) for m in description.modules]
    if action not in ("read", "change", "do", "check"):
        return []
    found = [(m, name, a) for m, name, a in description.all() if fits(a, action) and f"{m}:{name}".startswith(word)]
    modules = list(dict.fromkeys(m for m, _, _ in found))
    if len(found) > _MANY and len(modules) > 1 and ":" not in word:
        return [(m + ":", description.module_text(m, "description")) for m in modules]
    return [(f"{m}:{name}", str(a.get("description", ""))) for m, name, a in found]


def _values(description, action, specifier):
    if action == "logging":
        return [(json.dumps(level), "") for level in _LEVELS]
    if action not in ("change", "check", "do"):
        return []
    info = description.datainfo(specifier, "check")
    if action == "change":
        info = description.datainfo(specifier, action)
    if info.get("type") == "bool":
        return [("true", ""), ("false", "")]
    members = info.get("members")
    if info.get("type") == "enum" and isinstance(members, dict):
        return [(json.dumps(name, ensure_ascii=False), str(value)) for name, value in members.items()]
    return []

"""Good requests to a node, from its description: what the fuzzers begin with."""

import json

from tools.image import image

# what a look at the heap must not find: the values that a fuzzer set
_FIRST = ("*IDN?", "deactivate", 'logging  "off"')
_PLAIN = (
    "*IDN?", "describe", "describe x", "help", "", "ping", "ping 1", "ping abc def", "activate", "deactivate", "logging  false",
    'logging  "debug"', 'logging  "error"',
)  # fmt: skip


def sample(datainfo, i=0):
    """A value that a data type takes; another one for another i."""
    kind = datainfo["type"]
    if kind in ("double", "int", "scaled"):
        low, high = datainfo.get("min", -1000), datainfo.get("max", 1000)
        low, high = max(low, -1000), min(high, 1000)
        value = low + (high - low) * ((3 * i + 1) % 7) / 7
        return value if kind == "double" else round(value)
    if kind == "bool":
        return bool(i % 2)
    if kind == "enum":
        names = list(datainfo["members"])
        return names[i % len(names)] if i % 3 else datainfo["members"][names[i % len(names)]]
    if kind == "string":
        return ("word", "", 'a"b', "\u00b0C" if datainfo.get("isUTF8") else "C")[i % 4][: datainfo.get("maxchars", 99)]
    if kind == "blob":
        return ("AA==", "AAEC")[i % 2]
    if kind == "array":
        n = max(datainfo.get("minlen", 0), min(datainfo["maxlen"], i % 4))
        return [sample(datainfo["members"], i + k) for k in range(n)]
    if kind == "tuple":
        return [sample(m, i + k) for k, m in enumerate(datainfo["members"])]
    if kind == "struct":
        left_out = datainfo.get("optional", ()) if i % 2 else ()
        return {name: sample(m, i) for name, m in datainfo["members"].items() if name not in left_out}
    assert kind == "matrix"
    return {"len": [1] * len(datainfo["names"]), "blob": "AAAAAAAAAAA="[:4] if "2" in datainfo["elementtype"] else "AAAAAA=="}


def requests(node):
    """(good requests, those that bring it back to what it was), str, of a node by its name or path."""
    description = json.loads(image.describe(str(node)))
    good, reset = list(_PLAIN), list(_FIRST)
    for module, m in description["modules"].items():
        good += [f"activate {module}", f"deactivate {module}", f'logging {module} "debug"', f"read {module}"]
        for name, a in m["accessibles"].items():
            specifier = f"{module}:{name}"
            datainfo = a["datainfo"]
            if datainfo["type"] == "command":
                argument = datainfo.get("argument")
                for i in range(3 if argument else 1):
                    data = " " + json.dumps(sample(argument, i)) if argument else ""
                    good += [f"do {specifier}{data}", f"check {specifier}{data}"]
            else:
                good.append(f"read {specifier}")
                if not a["readonly"]:
                    for i in range(3):
                        data = json.dumps(sample(datainfo, i), ensure_ascii=i % 2 == 0)
                        good += [f"change {specifier} {data}", f"check {specifier} {data}"]
                    reset.append(f"change {specifier} {json.dumps(sample(datainfo, 0))}")
    return good, reset

"""A node's description against the table of what its version of SECoP wants (tools/secop.py)."""

import re

from .. import secop
from . import values
from .findings import NOTE, WARNING

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_DEEP = 32  # levels of data types that are looked at
_HEADLINE = 72  # characters
_NO_ARGUMENT = ("stop", "go", "hold", "prepare", "shutdown", "reset", "clear_errors", "control_off")
_EXACT = 1 << 24


class Structure:
    """Judges a report, a dict, of a node of a version. `sound` has afterwards what can be talked about.

    That is (module, accessible) -> properties, of those whose data type can be relied on.
    """

    def __init__(self, report, version, findings):
        self.report = report
        self.version = version
        self.found = findings
        self.sound = {}
        self.modules = {}
        self._newer = {}  # what an older version does not know -> how often it is there

    def check(self):
        self._report()
        for (what, item), times in self._newer.items():
            text = f"{what} is of SECoP {item.since}, and the node of {self.version}: its clients don't know it"
            text += f" ({times} times)" if times > 1 else ""
            self.found.add(NOTE, "", text, item.section)

    def _knows(self, what, item):
        self.found.looked += 1
        if not secop.has(item, self.version):
            self._newer[what, item] = self._newer.get((what, item), 0) + 1

    def _report(self):
        self._properties(self.report, secop.NODE, "")
        modules = self.report.get("modules")
        if not isinstance(modules, dict):
            return
        self.found.check(modules, "", "the node has no modules", "descriptive.rst", WARNING)
        self._names(modules, "", "messages.rst, names")
        self.modules = {name: module for name, module in modules.items() if isinstance(module, dict)}
        for name, module in modules.items():
            if self.found.check(isinstance(module, dict), name, "the module is no object", "descriptive.rst"):
                self._module(name, module)
        self._systems()

    # ---- properties

    def _properties(self, thing, table, where):
        self._names(thing, where, "messages.rst, names", "the property ")
        for key, item in table.items():
            if item.must:
                self.found.check(key in thing, where, f"the property {key} is missing", item.section)
        for key, value in thing.items():
            item = table.get(key)
            if item is None:
                custom = str(key).startswith("_")
                text = f"SECoP has no property {key}; custom ones begin with an underscore"
                self.found.check(custom, where, text, "descriptive.rst, Custom properties")
                continue
            self._knows(f"the property {key}", item)
            if item.kind in secop.KINDS:
                text = f"{key} has to be {secop.KINDS[item.kind]}"
                self.found.check(secop.fits(value, item.kind), where, text, item.section)
        if isinstance(thing.get("description"), str):
            text = f"the first line of the description has more than {_HEADLINE} characters"
            short = len(thing["description"].split("\n")[0]) <= _HEADLINE
            self.found.check(short, where, text, "descriptive.rst", NOTE)
        if "visibility" in thing:
            self._visibility(thing["visibility"], where, thing.get("readonly") is True)
        if "meaning" in thing:
            self._meaning(thing["meaning"], where)

    def _visibility(self, value, where, readonly):
        old = self.version != "2.0"
        if old:
            good = value in tuple(secop.VISIBILITIES)
            text = f"the visibility has to be one of {', '.join(secop.VISIBILITIES)}, not {value!r}"
        else:
            good = value in (*secop.VISIBILITIES, *secop.ACCESS)
            text = f"the visibility has to be one of {', '.join(secop.ACCESS)}, not {value!r}"
        if self.found.check(good, where, text, "descriptive.rst, visibility") and not old:
            is_new = value in secop.ACCESS
            self.found.check(
                is_new, where, f"the visibility {value!r} is in the style of 1.x", "descriptive.rst, visibility", NOTE
            )
            text = f"the visibility {value!r} lets write what is readonly"
            self.found.check(not (readonly and is_new and "w" in value), where, text, "descriptive.rst, visibility", NOTE)

    def _meaning(self, value, where):
        section = "descriptive.rst, meaning"
        if self.version == "2.0" or ":" in where:
            wrong = secop.wrong_meaning(value)
        else:
            good = isinstance(value, list) and len(value) == 2 and isinstance(value[0], str)
            good = good and isinstance(value[1], int) and not isinstance(value[1], bool) and 0 <= value[1] <= 50
            wrong = None if good else "has to be a function and its importance, from 0 to 50"
            value = {"function": value[0]} if good else {}
        if self.found.check(not wrong, where, f"the meaning {wrong}", section):
            text = f"the meaning has the function {value.get('function')!r}, which SECoP does not name"
            self.found.check(secop.is_predefined(value), where, text, section, NOTE)

    def _names(self, names, where, section, what=""):
        lower = {}
        for name in names:
            text = f"{what}{name!r}: a name is letters, digits and underscores, at most 63 and no digit first"
            self.found.check(isinstance(name, str) and _NAME.fullmatch(name), where, text, section)
            other = lower.setdefault(str(name).lower(), name)
            self.found.check(
                other == name, where, f"{what}{name!r} and {other!r} are one, upper or lower case does not count", section
            )

    def _group(self, thing, taken, where):
        for part in str(thing.get("group", "")).split(":"):
            text = f"the group {part!r} is the name of a module or accessible, too"
            self.found.check(part.lower() not in taken, where, text, "descriptive.rst, group")

    # ---- modules

    def _module(self, name, module):
        self._properties(module, secop.MODULE, name)
        taken = {str(other).lower() for other in self.modules}
        self._group(module, taken, name)
        accessibles = module.get("accessibles")
        accessibles = accessibles if isinstance(accessibles, dict) else {}
        self._names(accessibles, name, "messages.rst, names")
        for key, accessible in accessibles.items():
            where = f"{name}:{key}"
            if self.found.check(isinstance(accessible, dict), where, "the accessible is no object", "descriptive.rst"):
                self._accessible(name, key, accessible, accessibles)
                self._group(accessible, taken | {str(other).lower() for other in accessibles}, where)
        self._interface(name, module, accessibles)
        self._features(name, module, accessibles)
        self._channels(name, module)

    def _interface(self, name, module, accessibles):
        classes = module.get("interface_classes")
        if not secop.fits(classes, "strings") or not classes:
            return
        section = "classes.rst"
        known = [c for c in classes if c in secop.INTERFACES]
        bases = secop.known(secop.INTERFACES, self.version)
        text = f"the last of the interface_classes has to be one of {', '.join(bases)}, not {classes[-1]!r}"
        self.found.check(classes[-1] in bases, name, text, section)
        for this, following in zip(known, known[1:], strict=False):
            text = f"{this} comes before {following}: the highest class has to be first"
            self.found.check(this not in _line(following)[1:], name, text, section)
        for c in known:
            interface = secop.INTERFACES[c]
            self._knows(f"the class {c}", interface)
            for above in _line(c):
                needed = secop.INTERFACES[above]
                for key in (*needed.parameters, *needed.commands):
                    self.found.check(key in accessibles, name, f"a {c} needs {key}", f"{section}, {above}")
                for key in needed.properties:
                    # an older version can't say it
                    good = key in module or not secop.has(secop.MODULE[key], self.version)
                    self.found.check(good, name, f"an {c} needs the property {key}", f"{section}, {above}")
        codes = self._codes(accessibles)
        if "Drivable" in known and codes is not None:
            busy = any(300 <= code < 390 for code in codes)
            self.found.check(busy, name, "a Drivable needs a BUSY code (300 to 389) in its status", f"{section}, Drivable")
        if {"Acquisition", "AcquisitionController", "AcquisitionChannel"} & set(known) and codes is not None:
            busy = any(300 <= code < 390 for code in codes)
            self.found.check(busy, name, f"an {known[0]} needs a BUSY code in its status", f"{section}, {known[0]}")
        meaning = module.get("meaning")
        if secop.is_regulation(meaning):
            writable = any("Writable" in _line(c) for c in known)
            self.found.check(writable, name, "a meaning that ends in _regulation is for a Writable", "descriptive.rst, meaning")

    def _codes(self, accessibles):
        info = accessibles.get("status", {}).get("datainfo") if isinstance(accessibles.get("status"), dict) else None
        try:
            return [code for code in info["members"][0]["members"].values() if isinstance(code, int)]
        except (TypeError, KeyError, IndexError, AttributeError):
            return None  # told already

    def _features(self, name, module, accessibles):
        for feature in module.get("features") if secop.fits(module.get("features"), "strings") else ():
            known = secop.FEATURES.get(feature)
            if known:
                for key in known.parameters:
                    self.found.check(key in accessibles, name, f"{feature} needs {key}", f"classes.rst, {feature}")
            else:
                custom = feature.startswith("_")
                self.found.check(custom, name, f"SECoP has no feature {feature!r}", "classes.rst, Features", NOTE)

    def _channels(self, name, module):
        channels = module.get("acquisition_channels")
        for role, channel in channels.items() if isinstance(channels, dict) else ():
            there = isinstance(channel, str) and channel in self.modules
            section = "classes.rst, AcquisitionController"
            if self.found.check(there, name, f"the channel {role!r} is {channel!r}, and there is no such module", section):
                classes = self.modules[channel].get("interface_classes")
                good = isinstance(classes, list) and "AcquisitionChannel" in classes
                self.found.check(good, name, f"the channel {channel} is no AcquisitionChannel", section)

    def _systems(self):
        if "systems" in self.report:
            for system, text in secop.wrong_systems(self.report["systems"], self.modules):
                self.found.add("error", f"system {system}", text, "systems.rst")
        if "schemata" in self.report:
            wrong = secop.wrong_schemata(self.report["schemata"], self.version)
            self.found.check(not wrong, "", f"schemata {wrong}", "schemata.rst, Linking to schemata")

    # ---- accessibles

    def _accessible(self, module, name, accessible, others):
        where = f"{module}:{name}"
        info = accessible.get("datainfo")
        command = isinstance(info, dict) and info.get("type") == "command"
        self._properties(accessible, secop.COMMAND if command else secop.PARAMETER, where)
        known = (secop.COMMANDS if command else secop.PARAMETERS).get(name)
        parent, postfix = self._postfix(name, others)
        kind = "command" if command else "parameter"
        if known is None and postfix is None:
            text = f"SECoP has no {kind} {name}; custom ones begin with an underscore"
            self.found.check(name.startswith("_"), where, text, "structure.rst, Parameter")
        elif known:
            self._knows(f"the {kind} {name}", known)
        if not isinstance(info, dict):
            return
        good = self._datainfo(info, where)
        if good:
            self.sound[module, name] = accessible
        if command:
            if name in _NO_ARGUMENT:
                self.found.check(info.get("argument") is None, where, f"{name} takes no argument", f"accessibles.rst, {name}")
            return
        if not good:
            return
        if "constant" in accessible:
            wrong = values.wrong(accessible["constant"], info)
            self.found.check(not wrong, where, f"the constant does not fit its datainfo: {wrong}", "descriptive.rst, constant")
        if known:
            self._predefined(module, name, accessible, known)
        if postfix:
            self._limit(where, name, accessible, parent, others)
        if accessible.get("checkable") is True and accessible.get("readonly") is True:
            self.found.add(WARNING, where, "it is readonly, and checkable", "descriptive.rst, checkable")

    def _predefined(self, module, name, accessible, known):
        where, info = f"{module}:{name}", accessible["datainfo"]
        section = f"accessibles.rst, {name}"
        if known.kind:
            text = f"its data type has to be {' or '.join(known.kind)}, not {info['type']}"
            self.found.check(info["type"] in known.kind, where, text, section)
        if known.readonly is not None and isinstance(accessible.get("readonly"), bool) and "constant" not in accessible:
            text = "it has to be readonly" if known.readonly else "it must not be readonly"
            self.found.check(accessible["readonly"] == known.readonly, where, text, section)
        if name == "status" and info["type"] == "tuple":
            members = info["members"]
            good = len(members) == 2 and [member["type"] for member in members] == ["enum", "string"]
            if self.found.check(good, where, "it has to be a tuple of an enum and a string", section):
                self._status_codes(members[0]["members"], where)
        if name == "controlled_by" and info["type"] == "enum":
            self.found.check(info["members"].get("self") == 0, where, "self has to be there, and 0", section)
            strangers = [member for member in info["members"] if member != "self" and member not in self.modules]
            self.found.check(not strangers, where, f"there is no module {', '.join(strangers)}", section)

    def _status_codes(self, members, where):
        section = "accessibles.rst, Status codes"
        for name, code in members.items():
            if self.found.check(0 <= code < 500, where, f"the status code {name} = {code} is not from 0 to 499", section):
                right = secop.CODES.get(name.upper())
                text = f"the status {name} is {code}, and SECoP's {name.upper()} is {right}"
                self.found.check(right is None or right == code, where, text, section, WARNING)

    def _postfix(self, name, others):
        for postfix in secop.POSTFIXES:
            parent = others.get(name.removesuffix(postfix)) if name.endswith(postfix) else None
            if isinstance(parent, dict):
                return parent, postfix
        return None, None

    def _limit(self, where, name, accessible, parent, others):
        info = accessible["datainfo"]
        wrong = secop.wrong_postfix(name, info, parent.get("datainfo"))
        self.found.check(not wrong, where, wrong, "accessibles.rst, Parameter postfixes")
        base, _, postfix = name.rpartition("_")
        both = postfix in ("min", "max") and f"{base}_limits" in others
        self.found.check(
            not both, where, f"{name} and {base}_limits exclude each other", "accessibles.rst, Parameter postfixes"
        )

    # ---- data types

    def _datainfo(self, info, where, deep=0):
        """Judge a datainfo; gives whether one can rely on it."""
        section = "datainfo.rst"
        if not isinstance(info, dict) or not isinstance(info.get("type"), str):
            return self.found.check(False, where, "a datainfo is an object with a type", section)
        kind = info["type"]
        table = secop.DATAINFO.get(kind)
        if not self.found.check(
            table is not None and (kind != "command" or not deep), where, f"SECoP has no data type {kind!r}", section
        ):
            return False
        if secop.SINCE.get(kind, "1.0") > self.version:
            self.found.add(
                WARNING, where, f"{kind} is a data type of SECoP 2.0: clients of {self.version} won't connect", section
            )
        if not self.found.check(deep < _DEEP, where, "its data type is nested too deep", section):
            return False
        section = f"{section}, {kind}"
        good = True
        for key, item in table.items():
            if item.must:
                good &= self.found.check(info.get(key) is not None, where, f"a {kind} needs {key}", section)
            if info.get(key) is not None and item.kind in secop.KINDS:
                fits = secop.fits(info[key], item.kind)
                good &= self.found.check(
                    fits, where, f"the {key} has to be {secop.KINDS[item.kind]}, not {info[key]!r}", section
                )
        for key in info:
            known = key == "type" or key in table or str(key).startswith("_")
            self.found.check(known, where, f"a {kind} has no property {key}", section, WARNING)
        if not good:
            return False
        for low, high in (("min", "max"), ("minchars", "maxchars"), ("minbytes", "maxbytes"), ("minlen", "maxlen")):
            if low in info and high in info and kind != "matrix":
                text = f"{low} ({info[low]}) is above {high} ({info[high]})"
                good &= self.found.check(info[low] <= info[high], where, text, section)
        if kind == "int":
            small = abs(info["min"]) <= _EXACT and abs(info["max"]) <= _EXACT
            self.found.check(small, where, "an int should lie within 24 bits", section, NOTE)
            self.found.check(not info.get("unit"), where, "an int should have no unit", section, NOTE)
        return self._members(info, kind, where, section, deep) and good

    def _members(self, info, kind, where, section, deep):
        members = info.get("members")
        if kind == "enum":
            codes = list(members.values())
            good = all(isinstance(code, int) and not isinstance(code, bool) for code in codes)
            if not self.found.check(good and codes, where, "the members of an enum are integers by their names", section):
                return False
            self.found.check(len(set(codes)) == len(codes), where, "two members of the enum have one value", section)
            lower = [str(name).lower() for name in members]
            return self.found.check(len(set(lower)) == len(lower), where, "two members of the enum have one name", section)
        if kind == "array":
            return self._datainfo(members, f"{where}, members", deep + 1)
        if kind == "tuple":
            self.found.check(members, where, "a tuple needs members", section)
            return self._all([(f"member {i}", part) for i, part in enumerate(members)], where, deep)
        if kind == "struct":
            self._names(members, where, section, "the member ")
            missing = [name for name in info.get("optional", ()) if name not in members]
            good = self.found.check(not missing, where, f"optional names {', '.join(missing)}, which it has not", section)
            return self._all([(f"member {name}", part) for name, part in members.items()], where, deep) and good
        if kind == "matrix":
            text = "names and maxlen need an entry for each dimension"
            return self.found.check(len(info["names"]) == len(info["maxlen"]) > 0, where, text, section)
        if kind == "command":
            return self._all([(key, info[key]) for key in ("argument", "result") if info.get(key) is not None], where, deep)
        return True

    def _all(self, parts, where, deep):
        good = True
        for name, part in parts:
            good &= self._datainfo(part, f"{where}, {name}", deep + 1)
        return good


def _line(name):
    """An interface class and those above it."""
    found = [name]
    while secop.INTERFACES[found[-1]].base:
        found.append(secop.INTERFACES[found[-1]].base)
    return found

"""Builds the structure report of a node, and tells what is wrong with its definition.

    python3 structure.py NODE_FILE FIRMWARE BOARD HOST SHIMS KNOWN

prints the report as JSON, in a second line what the node drives (driven.py), in a third the version of SECoP, in a fourth what
is wired to the board (connected.py); or, exit code 2, the mistakes, a line each. A process of its own: it puts stand-ins for
MicroPython into place. KNOWN is JSON: the name of the `board`, its `port`, the `modules` and the names in `machine` that it
has, `all` that some board has there, the node's `helpers` (name -> path), and maybe `secop`, the version asked for. The rules
are of the specification: tools/secop.py, datainfo.rst.
"""

import ast
import builtins
import importlib.machinery
import importlib.util
import inspect
import itertools
import json
import math
import os
import re
import sys
import sysconfig
import textwrap
import traceback

import connected
import driven
import stated

# the table lies a folder above
sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import secop

sys.path.pop()

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}\Z")
_DEPTH = 8  # jsonvalue.py reads a little more
_KEPT = 3072  # of the bytes of settings.json (settings.py), which holds more than parameters
_ANNOUNCED = 400  # bytes; a datagram of 508 holds more than these two (discovery.rst)
_FASTEST = 100000  # Hz of a heater's PWM: the guard compares duties to 2 %, and an ESP32 has 800 steps there
_DRIVERS = {"PWMHeater": "drivers.pwm_heater", "RelayHeater": "drivers.relay_heater", "DeadMan": "drivers.deadman"}

CLASSES = ("Communicator", "Readable", "Writable", "Drivable")
_OF_SYNTAX = ("modules", "accessibles", "datainfo", "readonly", "constant", "checkable")  # what follows from the code itself
_ADDED = ("interface_classes", "features")  # what a class says beside the classes above it
_NEW = ("systems", "schemata")  # what a node of an older version must not say


class Builder:
    def __init__(self, noted, libraries=(), version=None):
        self.noted = noted
        # of one module's accessible: modules/described.py
        self.further = {thing: more for thing, more in noted.values() if isinstance(thing, tuple)}
        self.libraries = libraries
        self.version = version  # of SECoP; None is what the node says
        self.problems = []
        self.notes = []  # what is no mistake, and may surprise
        self.of_node = {}  # its modules by their names
        self.kept = 0  # bytes that settings.json needs for parameters, at most

    def properties(self, thing):
        thing = getattr(thing, "like", thing)  # a Limit that belongs to several modules
        return self.noted.get(id(thing), (None, {}))[1]

    def complain(self, where, text):
        self.problems.append(f"{where}: {text}")

    # ---- node

    def node(self, node, file):
        properties = dict(self.properties(node))
        said = properties.pop("secop", secop.DEFAULT)
        if said not in secop.OURS:
            self.complain(file, f"secop has to be one of {', '.join(map(repr, secop.OURS))}, not {said!r}")
            said = secop.DEFAULT
        self.version = self.version or said
        self.check_properties(properties, secop.NODE, file)
        report = {}
        for key in ("equipment_id", "description"):
            self.check_text(properties, key, file)
            report[key] = properties.get(key)
        report.update(properties)
        size = len("".join(str(report.get(key) or "") for key in ("equipment_id", "firmware")).encode())
        if size > _ANNOUNCED:
            text = f"equipment_id and firmware take {size} bytes, and UDP discovery has room for {_ANNOUNCED}"
            self.complain(file, text)
        seen = {}
        self.of_node = {module.name: module for module in node.modules if isinstance(module.name, str)}
        for module in node.modules:
            name = module.name
            where = f"{self.file(type(module)) or file}: module {name}"
            if not isinstance(name, str) or not _NAME.match(name):
                self.complain(where, "a name is letters, digits and underscores, at most 63 and no digit first")
            elif name.lower() in seen:
                self.complain(where, f"the name is used before ({seen[name.lower()]}); upper or lower case does not count")
            seen[str(name).lower()] = name
        modules = report["modules"] = {}
        for module in node.modules:
            modules[module.name] = self.module(module, f"{self.file(type(module)) or file}: module {module.name}", seen)
        if "systems" in properties:
            for system, text in secop.wrong_systems(properties["systems"], modules):
                self.complain(file, f"system {system}: {text}")
        wrong = secop.wrong_schemata(properties["schemata"], self.version) if "schemata" in properties else None
        if wrong:
            self.complain(file, f"schemata {wrong}")
        if not node.modules:
            self.complain(file, "the node has no modules")
        if self.kept > _KEPT:
            self.complain(file, f"what is kept over a restart may take {self.kept} bytes, and there is room for {_KEPT}")
        return report

    # ---- modules

    def module(self, module, where, module_names):
        properties = self.of_class(module) | self.properties(module)
        self.check_properties(properties, secop.MODULE, where)
        self.check_text(properties, "description", where)
        self.check_group(properties, module_names, where)
        cls = type(module)
        base = next((c.__name__ for c in cls.__mro__ if c.__name__ in CLASSES and c.__module__ == "secnode.module"), None)
        classes = self.names_of(properties.pop("interface_classes", ()), "interface_classes", where)
        classes += [c for c in self.said(module, "interface_classes", where) if c not in classes]
        features = self.names_of(properties.pop("features", ()), "features", where)
        features += [f for f in self.said(module, "features", where) if f not in features]
        self.check_meaning(properties, base, where)
        if "acquisition_channels" in properties:
            self.check_channels(properties, module, where)
        report = {
            "interface_classes": classes + ([base] if base and base not in classes else []),
            "description": properties.pop("description"),
            "features": features,
            "implementation": properties.pop("implementation", f"{cls.__module__}.{cls.__qualname__}"),
        }
        report.update(properties)
        accessibles = {}
        seen = {}
        for a in sorted(module.accessibles.values(), key=order):
            there = f"{where}, {'command' if is_command(a) else 'parameter'} {a.name}"
            owner = next((c for c in cls.__mro__ if a.name in vars(c)), cls)
            if owner is not cls and self.file(owner):
                there = there.replace(where, f"{self.file(owner)}: module {module.name}")
            if a.name.lower() in seen:
                self.complain(there, f"the name is used before ({seen[a.name.lower()]}); case does not count")
            seen[a.name.lower()] = a.name
            accessibles[a.name] = self.accessible(module, a, there)
        for a in module.accessibles.values():
            properties = self.properties(a.definition) | self.further.get((module.name, a.name), {})
            self.check_group(properties, {**module_names, **seen}, f"{where}, {a.name}")
        self.check_postfixes(module, accessibles, where)
        self.check_hidden(module, where)
        self.check_methods(module, where)
        self.check_class(base, module, where)
        self.check_interfaces(report["interface_classes"], base, module, where)
        self.note_unset(module, where)
        report["accessibles"] = accessibles
        return report

    def of_class(self, module):
        """The module properties that its class says, as attributes: what is data, and no method or helper of that name."""
        found = {}
        for key in secop.MODULE:
            value = getattr(type(module), key, None)
            if key not in (*_OF_SYNTAX, *_ADDED) and isinstance(value, (str, list, tuple, dict)):
                found[key] = value
        return found

    def said(self, module, key, where):
        """The names that its class says, then those of the classes above it: what one says hides none of another."""
        found = []
        for cls in type(module).__mro__:
            names = vars(cls).get(key, ())
            # a method or helper may have the name as well
            found += self.names_of(names, key, where) if isinstance(names, (str, list, tuple, dict)) else []
        return list(dict.fromkeys(found))

    def check_channels(self, properties, module, where):
        """The channels of a controller have to be there, and to be channels (classes.rst, AcquisitionController)."""
        channels = properties["acquisition_channels"]
        if not isinstance(channels, dict) or not channels:
            self.complain(where, f"acquisition_channels has to be modules by their roles, not {channels!r}")
            return
        for role, name in channels.items():
            if not isinstance(role, str) or not _NAME.match(role):
                self.complain(where, f"the role {role!r} of a channel is no name")
            channel = self.of_node.get(name) if isinstance(name, str) else None
            if channel is None:
                self.complain(where, f"the channel {role} is {name!r}, and the node has no such module")
            elif "AcquisitionChannel" not in (
                *self.said(channel, "interface_classes", where), *self.properties(channel).get("interface_classes", ()),
            ):  # fmt: skip
                self.complain(where, f"the channel {role} is {name}, which is no AcquisitionChannel")
        if self.version != "2.0":
            # what an older version does not know is a custom property there
            properties["_acquisition_channels"] = properties.pop("acquisition_channels")

    def check_interfaces(self, classes, base, module, where):
        """Those of SECoP have to be true, and the base class is the last (classes.rst)."""
        if base and classes[-1] != base:
            self.complain(where, f"the last of its interface_classes has to be {base}: write it last, or leave it out")
        elif classes and not base:
            known = ", ".join(secop.INTERFACES)
            self.complain(where, f"the last of its interface_classes has to be one of SECoP's: {known}")
        for c in classes:
            while c in secop.INTERFACES:
                interface = secop.INTERFACES[c]
                for name in (*interface.parameters, *interface.commands):
                    if name not in module.accessibles and c != base:
                        self.complain(where, f"it says that it is of the class {c}, which needs {name}")
                for name in interface.properties:
                    if name not in self.properties(module) and not hasattr(type(module), name):
                        self.complain(where, f"it says that it is of the class {c}, which needs the property {name}")
                c = interface.base

    def names_of(self, value, key, where):
        if isinstance(value, (list, tuple)) and all(isinstance(name, str) and _NAME.match(name) for name in value):
            return list(value)
        self.complain(where, f"{key} has to be a list of names, not {value!r}")
        return []

    def check_meaning(self, properties, base, where):
        """Put a module's meaning as the version of SECoP has it."""
        if "meaning" not in properties:
            return
        try:
            properties["meaning"] = found = secop.meaning(properties["meaning"], self.version)
        except ValueError as e:
            self.complain(where, f"the meaning {e}")
            return
        if secop.is_regulation(found) and base not in ("Writable", "Drivable"):
            self.complain(where, "a meaning that ends in _regulation is for a Writable or Drivable")

    def check_methods(self, module, where):
        """A method that belongs to nothing is a typing mistake that would never show."""
        for name in dir(type(module)):
            for prefix, commands, parameters in (
                ("read_", False, True), ("write_", False, True), ("do_", True, False), ("check_", True, True),
            ):  # fmt: skip
                if name.startswith(prefix) and callable(getattr(module, name)):
                    a = module.accessibles.get(name[len(prefix) :])
                    if a is None or not (commands if is_command(a) else parameters):
                        kind = "command" if not parameters else "accessible" if commands else "parameter"
                        self.complain(where, f"{name} has no {kind} {name[len(prefix) :]!r} to belong to")

    def note_unset(self, module, where):
        """Values that nobody measures, as far as it can be told: what a driver does is seen when it does it."""
        mine, others = assigned(module)
        for a in module.accessibles.values():
            name, definition = a.name, a.definition
            if is_command(a) or name == "status" or a.error is None or name in mine | others:
                continue
            if hasattr(module, "read_" + name):
                if not gives(getattr(module, "read_" + name)):
                    text = f"read_{name} returns nothing, and nothing sets it: clients get ReadFailed"
                    self.notes.append(f"{where}, parameter {name}: {text}")
                continue
            if definition.default is not None or definition.constant is not None or (name == "value" and module.follows):
                continue
            if definition.readonly or name == "value":
                text = f"there is no read_{name}, no default=, and nothing sets it: clients get ReadFailed (never set)"
                self.notes.append(f"{where}, parameter {name}: {text}")

    def check_hidden(self, module, where):
        """Something that is no Parameter or Command in a place where one was, or should be."""
        for name in dir(type(module)):
            if name.startswith("__") or name in module.accessibles or name == "pollinterval":
                continue
            thing = getattr(type(module), name)
            was_one = any(hasattr(vars(c).get(name), "checkable") for c in type(module).__mro__)
            is_class = isinstance(thing, type) and thing.__name__ in ("Parameter", "Command", "Limit", "Enable")
            if was_one or is_class:
                self.complain(where, f"{name} has to be a Parameter(...) or Command(...), not {thing!r}")

    def check_class(self, base, module, where):
        level = CLASSES.index(base) if base else -1
        if level < 1 or any(name not in module.accessibles for name in ("status", "target")[:level]):
            return
        datainfo = module.accessibles["status"].definition.datainfo
        codes = {}
        if datainfo.type == "tuple" and len(datainfo.members) == 2:
            codes = getattr(datainfo.members[0], "members", {})
        if not codes or datainfo.members[1].type != "string" or not all(0 <= c < 500 for c in codes.values()):
            self.complain(where, "the status has to be a tuple of an enum of status codes (0 to 499) and a string")
        elif base == "Drivable" and not any(300 <= c < 390 for c in codes.values()):
            self.complain(where, "the status of a Drivable needs a BUSY code (300 to 389)")
        if level >= 2 and module.accessibles["target"].definition.readonly:
            self.complain(where, "the target must not be readonly")
        interval = module.pollinterval
        if not isinstance(interval, (int, float)) or interval <= 0:
            self.complain(where, f"pollinterval has to be a number of seconds above 0, not {interval!r}")

    # ---- accessibles

    def accessible(self, module, a, where):
        definition = a.definition
        properties = self.properties(definition) | self.further.get((module.name, a.name), {})
        if is_command(a) and properties.pop("keep", None) is not None:
            self.complain(where, "a command has no value to keep")
        readonly = not is_command(a) and (definition.readonly or definition.constant is not None)
        self.check_properties(properties, secop.COMMAND, where, readonly)
        if "meaning" in properties and self.version == "2.0":
            self.check_meaning(properties, "Writable", where)
        self.check_text(properties, "description", where)
        if not _NAME.match(a.name):
            self.complain(where, "a name is letters, digits and underscores, at most 63 and no digit first")
        elif not a.name.startswith("_") and not self.is_predefined(a, module):
            self.complain(where, f"SECoP has no such name; call it _{a.name}")
        report = {"description": properties.pop("description", "")}
        if is_command(a):
            report["datainfo"] = {"type": "command"}
            for key in ("argument", "result"):
                datainfo = getattr(definition, key)
                if datainfo is not None:
                    report["datainfo"][key] = self.datainfo(datainfo, f"{where}, {key}")
            if not hasattr(module, "do_" + a.name):
                self.complain(where, f"there is no method do_{a.name}")
        else:
            if type(definition).__name__ == "Limit" and definition.datainfo is None:
                self.check_postfix(module, a, where)
                return report
            report["datainfo"] = self.datainfo(definition.datainfo, where)
            report["readonly"] = definition.readonly
            self.check_values(module, a, where)
            if definition.constant is not None and not self.problems:
                report["constant"] = definition.datainfo.export(definition.first_value())
        if definition.checkable:
            report["checkable"] = True
            if not is_command(a) and definition.readonly:
                self.complain(where, "what is readonly can't be checkable")
        report.update(properties)
        return report

    def is_predefined(self, a, module):
        if is_command(a):
            return a.name in secop.COMMANDS
        if a.name in secop.PARAMETERS:
            return True
        return any(a.name.endswith(p) and a.name[: -len(p)] in module.accessibles for p in secop.POSTFIXES)

    def check_values(self, module, a, where):
        definition = a.definition
        for key in ("default", "constant"):
            value = getattr(definition, key)
            if value is not None and definition.datainfo is not None:
                try:
                    datainfo = definition.datainfo
                    datainfo.check(json.loads(json.dumps(datainfo.export(datainfo.convert(value)))))
                except Exception as e:
                    self.complain(where, f"the {key} {value!r} does not fit: {e}")
        if type(definition).__name__ in ("Limit", "Enable"):
            self.check_postfix(module, a, where)
        if definition.keep:
            self.check_keep(module, a, where)
        if definition.constant is not None and (hasattr(module, "read_" + a.name) or hasattr(module, "write_" + a.name)):
            self.complain(where, "a constant is neither read nor written")
        elif definition.readonly and hasattr(module, "write_" + a.name):
            self.complain(where, f"write_{a.name} is never called: the parameter is readonly (say readonly=False)")

    def check_keep(self, module, a, where):
        definition = a.definition
        if definition.constant is not None or definition.readonly:
            kind = "a constant never changes" if definition.constant is not None else "clients can't change what is readonly"
            self.complain(where, f"there is nothing to keep: {kind}")
        elif not self.problems:
            size = largest(definition.datainfo)
            if size is None:
                self.complain(where, "a text without maxchars can't be kept: nobody knows how much room it needs")
            else:
                self.kept += len(json.dumps({module.name: {a.name: 0}})) + size

    def check_postfix(self, module, a, where):
        """A Limit or Enable by its name: what it belongs to, and that there is one way of limiting only."""
        name, _, postfix = a.name.rpartition("_")
        kind = type(a.definition).__name__
        if "_" + postfix not in (("_enable",) if kind == "Enable" else ("_min", "_max", "_limits")):
            self.complain(
                where, f"the name of {kind}() has to end in {'_enable' if kind == 'Enable' else '_min, _max or _limits'}"
            )
            return
        parent = module.accessibles.get(name)
        if parent is None or is_command(parent):
            self.complain(where, f"there is no parameter {name} that it could belong to")
        elif kind == "Limit":
            if getattr(parent.definition.datainfo, "type", None) not in ("double", "scaled", "int"):
                self.complain(where, f"limits are for numbers only, and {name} is none")
                return
            if postfix != "limits" and name + "_limits" in module.accessibles:
                self.complain(where, f"{a.name} and {name}_limits exclude each other")

    def check_postfixes(self, module, accessibles, where):
        """Whatever is called like a limit or a switch of a parameter has to be one, also where it is no Limit or Enable."""
        for a in module.accessibles.values():
            name, _, postfix = a.name.rpartition("_")
            parent = module.accessibles.get(name)
            if "_" + postfix not in secop.POSTFIXES or parent is None or is_command(a) or is_command(parent):
                continue
            there = f"{where}, parameter {a.name}"
            infos = accessibles[a.name].get("datainfo"), accessibles[name].get("datainfo")
            if type(a.definition).__name__ not in ("Limit", "Enable") and not self.problems and all(infos):
                wrong = secop.wrong_postfix(a.name, *infos)
                if wrong:
                    self.complain(there, wrong)
                elif postfix in ("min", "max") and name + "_limits" in accessibles:
                    self.complain(there, f"{a.name} and {name}_limits exclude each other")
            if postfix in ("limits", "min") and not self.problems:
                other = module.accessibles.get(name + "_max")
                values = (a.definition.first_value(), other.definition.first_value()) if postfix == "min" and other else ()
                low, high = a.definition.first_value() if postfix == "limits" else values or (0, 0)
                if low > high:
                    self.complain(there, f"it begins with {low:g} above {high:g}, which lets no value of {name} through")

    # ---- data types

    def datainfo(self, datainfo, where):
        if isinstance(datainfo, type) or not getattr(datainfo, "type", None):
            self.complain(where, "there is no data type, e.g. Double(0, 100, unit='K')")
            return None
        if where.count(", member") > _DEPTH:
            self.complain(where, f"nested deeper than {_DEPTH} levels, which the node can't read")
            return None
        properties = dict(self.properties(datainfo))
        self.check_properties(properties, secop.DATAINFO[datainfo.type], where)
        report = {"type": datainfo.type}
        getattr(self, "type_" + datainfo.type)(datainfo, report, where)
        report.update(properties)
        for key in ("unit", "fmtstr", "absolute_resolution", "relative_resolution", "elementtype"):
            kind = secop.DATAINFO[datainfo.type][key].kind if key in report else None
            if kind and not secop.fits(report[key], kind):
                self.complain(where, f"the {key} has to be {secop.KINDS[kind]}, not {report[key]!r}")
        return report

    def limits(self, low, high, low_name, high_name, where, whole=False, least=None):
        for name, value in ((low_name, low), (high_name, high)):
            if value is None:
                continue
            if not is_number(value) or not abs(value) <= 3.4e38:
                self.complain(where, f"{name} ({value!r}) is no number that a board can hold")
                return
            if whole and value != int(value):
                self.complain(where, f"{name} ({value}) is no whole number")
            if least is not None and value < least:
                self.complain(where, f"{name} ({value}) is below {least}")
        if low is not None and high is not None and low > high:
            self.complain(where, f"{low_name} ({low}) is above {high_name} ({high})")

    def type_double(self, d, report, where):
        if d.unit:
            report["unit"] = d.unit
        for key in ("min", "max"):
            if getattr(d, key) is not None:
                report[key] = getattr(d, key)
        self.limits(d.min, d.max, "min", "max", where)

    def type_scaled(self, d, report, where):
        report.update(scale=d.scale, min=d.min, max=d.max)
        if d.unit:
            report["unit"] = d.unit
        if not is_number(d.scale) or not 0 < d.scale <= 3.4e38:
            self.complain(where, "the scale has to be a number above 0")
        self.whole_limits(d, 22, where)

    def type_int(self, d, report, where):
        report.update(min=d.min, max=d.max)
        if d.unit:
            report["unit"] = d.unit
        self.whole_limits(d, 24, where)

    def whole_limits(self, d, bits, where):
        if d.min is None or d.max is None:
            self.complain(where, f"{d.type} needs min and max")
            return
        self.limits(d.min, d.max, "min", "max", where, whole=True)
        for key in ("min", "max"):
            if is_number(getattr(d, key)) and abs(getattr(d, key)) > 1 << bits:
                self.complain(where, f"{key} ({getattr(d, key)}) is beyond 2**{bits}, which single precision holds exactly")

    def type_bool(self, d, report, where):
        pass

    def type_enum(self, d, report, where):
        report["members"] = dict(d.members)
        if not d.members:
            self.complain(where, "an enum needs members")
        for key, value in d.members.items():
            if not isinstance(key, str) or isinstance(value, bool) or not isinstance(value, int):
                self.complain(where, f"the enum's member {key!r}: {value!r} is not a name with an integer")
        for what, values in (("name", [str(k).lower() for k in d.members]), ("value", list(d.members.values()))):
            for value in sorted({v for v in values if values.count(v) > 1}, key=str):
                self.complain(where, f"the enum has the {what} {value!r} twice")

    def type_string(self, d, report, where):
        if d.maxchars is not None:
            report["maxchars"] = d.maxchars
        if d.minchars:
            report["minchars"] = d.minchars
        if d.isUTF8:
            report["isUTF8"] = True
        self.limits(d.minchars, d.maxchars, "minchars", "maxchars", where, whole=True, least=0)

    def type_blob(self, d, report, where):
        report["maxbytes"] = d.maxbytes
        if d.minbytes:
            report["minbytes"] = d.minbytes
        if d.maxbytes is None:
            self.complain(where, "a blob needs maxbytes")
        self.limits(d.minbytes, d.maxbytes, "minbytes", "maxbytes", where, whole=True, least=0)

    def type_array(self, d, report, where):
        report["members"] = self.datainfo(d.members, where + ", members")
        report["maxlen"] = d.maxlen
        if d.minlen:
            report["minlen"] = d.minlen
        if d.maxlen is None:
            self.complain(where, "an array needs maxlen")
        self.limits(d.minlen, d.maxlen, "minlen", "maxlen", where, whole=True, least=0)

    def type_tuple(self, d, report, where):
        report["members"] = [self.datainfo(m, f"{where}, member {i}") for i, m in enumerate(d.members)]
        if not d.members:
            self.complain(where, "a tuple needs members")

    def type_struct(self, d, report, where):
        report["members"] = {name: self.datainfo(m, f"{where}, member {name}") for name, m in d.members.items()}
        if d.optional:
            report["optional"] = list(d.optional)
        if not d.members:
            self.complain(where, "a struct needs members")
        lower = [str(name).lower() for name in d.members]
        for name in d.members:
            if lower.count(str(name).lower()) > 1:
                self.complain(where, f"the struct has the name {name!r} twice; case does not count")
        for name in d.optional:
            if name not in d.members:
                self.complain(where, f"optional names {name!r}, which the struct does not have")

    def type_matrix(self, d, report, where):
        report.update(elementtype=d.elementtype, names=list(d.names), maxlen=list(d.maxlen))
        if len(d.names) != len(d.maxlen) or not d.names:
            self.complain(where, "names and maxlen need an entry for each dimension")

    # ---- properties

    def check_properties(self, properties, table, where, readonly=False):
        """Complain of what SECoP has not; the visibility becomes what the version writes for it."""
        for key, value in properties.items():
            item = table.get(key)
            if (item is None or key in _OF_SYNTAX) and not key.startswith("_"):
                self.complain(where, f"SECoP has no property {key!r} here; custom ones begin with an underscore")
            elif key in _NEW and self.version != "2.0":
                self.complain(where, f"SECoP has the property {key!r} from {item.since} on: give the Node secop={item.since!r}")
            if value is None:
                self.complain(where, f"the property {key!r} is None: leave it out")
            try:
                json.dumps(value, allow_nan=False).encode()
            except (TypeError, ValueError) as e:
                self.complain(where, f"the property {key!r} can't be written as JSON: {e}")
        if "visibility" in properties:
            try:
                properties["visibility"] = secop.visibility(properties["visibility"], self.version, readonly)
            except ValueError as e:
                self.complain(where, f"the visibility {e}")

    def check_text(self, properties, key, where):
        value = properties.get(key)
        if not isinstance(value, str) or not value.strip():
            self.complain(where, f"there is no {key}" if not value else f"the {key} has to be a text")

    def check_group(self, properties, names, where):
        for part in str(properties.get("group", "")).split(":"):
            if part and part.lower() in names:
                self.complain(where, f"the group {part!r} has the name of a module or accessible")

    def file(self, cls):
        """The file of a class that the user wrote; None where it is the library's."""
        try:
            path = inspect.getsourcefile(cls)
        except TypeError:
            return None
        return None if not path or path.startswith(self.libraries) and not cls.__module__.startswith("nodes.") else show(path)


def is_command(a):
    return not hasattr(a.definition, "readonly")


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def order(a):
    # the predefined ones first, as in the specification; then as the class has them
    names = [*secop.PARAMETERS, *secop.COMMANDS]
    return (names.index(a.name) if a.name in names else len(names), a.definition.order)


def largest(datainfo):
    """How many characters a value has as JSON at most; None where there is no such number."""
    kind = datainfo.type
    if kind == "string":
        return None if datainfo.maxchars is None else 6 * datainfo.maxchars + 2  # a control character takes 6
    if kind == "blob":
        return 4 * datainfo.maxbytes // 3 + 6
    if kind == "matrix":
        return 4 * math.prod(datainfo.maxlen) * int(datainfo.elementtype[2:]) // 3 + 30 + 10 * len(datainfo.maxlen)
    if kind == "array":
        size = largest(datainfo.members)
        return None if size is None else datainfo.maxlen * (size + 2) + 2
    if kind in ("tuple", "struct"):
        members = datainfo.members.items() if kind == "struct" else [("", m) for m in datainfo.members]
        sizes = [largest(m) for _, m in members]
        return None if None in sizes else sum(sizes) + sum(len(name) + 6 for name, _ in members) + 2
    return 24  # a number; on a PC it has more digits than on a board


def gives(method):
    """Whether a method may return something, or raises on purpose."""
    try:
        nodes = list(ast.walk(ast.parse(textwrap.dedent(inspect.getsource(method)))))
    except (OSError, TypeError, SyntaxError):
        return True  # who knows
    return any(isinstance(n, ast.Lambda | ast.Raise) or isinstance(n, ast.Return) and n.value is not None for n in nodes)


def assigned(module):
    """Names of attributes that a module's own classes set, and those that anything sets in something else than itself."""
    mine, others = set(), set()
    own = {(c.__module__, c.__name__) for c in type(module).__mro__}
    for name, loaded in list(sys.modules.items()):
        if not name.startswith(("nodes.", "modules.", "drivers.", "simulated.", "control.")):
            continue
        for statement in ast.parse(inspect.getsource(loaded)).body if getattr(loaded, "__file__", None) else ():
            for node in ast.walk(statement):
                if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                    base, attribute = node.value, node.attr
                elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "setattr" and len(node.args) == 3:
                    base, attribute = node.args[0], getattr(node.args[1], "value", None)
                else:
                    continue
                itself = isinstance(base, ast.Name) and base.id == "self"
                if not itself or (name, getattr(statement, "name", "")) in own:
                    # by a name that is not known here: any of them
                    (mine if itself else others).update([attribute] if isinstance(attribute, str) else module.accessibles)
    return mine, others


def show(path):
    short = os.path.relpath(path)
    return path if short.startswith("..") else short


class Board:
    """What a node's own files can import: what its board has, the firmware, and one another."""

    def __init__(self, known, node_file, firmware):
        self.name = known["board"]
        self.port = known["port"]
        self.pins = known["pins"]
        self.secop = known.get("secop")  # the version of SECoP that is asked for; None is what the node says
        self._machine, self._all = set(known["machine"]), set(known["all"])
        self._helpers = known["helpers"]
        self.own = {node_file, *self._helpers.values()}
        names = {*known["modules"], *(name.partition(".")[0] for name in self._helpers)}
        names.update(name.partition(".")[0] for name in os.listdir(firmware))
        # older names of MicroPython's
        self.modules = names | {"u" + name for name in known["modules"]} | {"board", "stamp"}

    def begin(self):
        """From now on a node's own files get what is on the board, and nothing else that this PC has."""
        import machine

        for name in self._all - self._machine:
            vars(machine).pop(name, None)
        elsewhere = machine.__getattr__

        def find(name):
            if name in self._all - self._machine:
                raise AttributeError(name)
            return elsewhere(name)

        machine.__getattr__ = find
        for name in ("esp32", "rp2"):
            if name not in self.modules:
                sys.modules[name] = None  # so that the firmware sees the same
        for name in self._helpers:
            sys.modules.pop(name.partition(".")[0], None)  # one of this PC's may have the name
        sys.meta_path.insert(0, self)
        original = builtins.__import__

        def importing(name, globals=None, locals=None, fromlist=(), level=0):
            if globals and globals.get("__file__") in self.own and not level:
                top = name.partition(".")[0]
                if top not in self.modules:
                    raise ModuleNotFoundError(self.lacks(top), name=top)
            return original(name, globals, locals, fromlist, level)

        builtins.__import__ = importing

    def find_spec(self, name, path=None, target=None):
        """Of sys.meta_path: a helper is found by its name, and nothing beside it."""
        file = self._helpers.get(name)
        if file:
            places = [os.path.dirname(file)] if file.endswith("__init__.py") else None
            return importlib.util.spec_from_file_location(name, file, submodule_search_locations=places)
        if any(helper.startswith(name + ".") for helper in self._helpers):
            return importlib.machinery.ModuleSpec(name, None, is_package=True)  # a folder without __init__.py

    def lacks(self, top):
        return f"{self.name} has no module {top}, and there is no {top}.py beside the node"

    def lacks_in_machine(self, name):
        return f"the machine of {self.name} has no {name}"

    def complaints(self):
        """What is imported inside of functions, which nobody calls here: (place, text) each."""
        for file in sorted(self.own):
            with open(file, encoding="utf-8-sig") as f:
                tree = ast.parse(f.read())
            for function in ast.walk(tree):
                if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    for node in imports(function):
                        place = f"{show(file)}:{node.lineno}"
                        names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
                        for top in [name.partition(".")[0] for name in names]:
                            if top and top not in self.modules and not getattr(node, "level", 0):
                                yield place, self.lacks(top)
                        for alias in node.names if names[0] == "machine" and isinstance(node, ast.ImportFrom) else ():
                            if alias.name not in self._machine and alias.name != "*":
                                yield place, self.lacks_in_machine(alias.name)


def imports(node):
    """The imports in a piece of code, but for those that may fail: in a `try` or under an `if`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.Import, ast.ImportFrom)):
            yield child
        elif not isinstance(child, (ast.Try, ast.If, ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from imports(child)


def words_of(e, board):
    """What an exception says, in words where the board lacks something."""
    found = re.match(r"cannot import name '(\w+)' from 'u?machine'", str(e))
    if isinstance(e, ImportError) and found:
        return board.lacks_in_machine(found[1])
    if isinstance(e, AttributeError) and e.obj is sys.modules.get("machine"):
        return board.lacks_in_machine(e.name)
    if isinstance(e, ModuleNotFoundError):
        # MicroPython has it, and nothing stands for it on a PC
        has = e.name in board.modules and not e.msg.startswith(board.name)
        return f"{board.name} has a module {e.name}, but this PC has nothing in its place" if has else e.msg
    return f"{type(e).__name__}: {e}"


def blame(e, node_file, libraries, board):
    """An exception while the node was built, with the innermost place in it that the user wrote."""
    if isinstance(e, SyntaxError):
        return f"{show(e.filename or node_file)}:{e.lineno}: {e.msg}"
    frames = [(frame.filename, frame.lineno) for frame in reversed(traceback.extract_tb(e.__traceback__))]
    return f"{place(frames, node_file, libraries)}: {words_of(e, board)}"


def place(frames, node_file, libraries):
    """Of some frames, pairs of file and line, innermost first: the first one that the user wrote, as text."""
    for file, line in frames:
        if file == node_file or (os.path.isabs(file) and not file.startswith(libraries)):
            return f"{show(file)}:{line}"
    return show(node_file)


def check_heaters(builder, node, board, file, port, frequencies):
    """What a heater's output can't have on this board is not taken.

    That is a pin where it would stay on after a soft reset, or be on while the chip starts; a frequency that is out of the
    board's bounds, or too high for steps of 1 %, or another one than that of its slice on an RP2; a timer that has other work.
    """
    found = {}  # by the drivers' classes: (module, thing) each
    for kind in ("PWMHeater", "RelayHeater", "DeadMan"):
        of = getattr(sys.modules.get(_DRIVERS[kind]), kind, ())
        found[kind] = [(m, thing) for m in node.modules for thing in vars(m).values() if of and isinstance(thing, of)]
    pins = getattr(board, "HEATER_PINS", None)
    frequencies = {driven.slice_of(pin, port): (pin, hz) for pin, hz in frequencies.items()}
    for module, heater in found["PWMHeater"] + found["RelayHeater"]:
        where = f"{file}: module {module.name}"
        pin = driven.pin_of(vars(heater)["_pin"])
        if pins is not None and pin not in pins and board.NAME != "HOST":  # the simulated board takes any
            text = f"its heater is at pin {pin}; on {board.NAME} it has to be at one of {', '.join(map(str, pins))}"
            builder.complain(where, f"{text} (boards/{board.NAME}/README.md)")
        frequency = vars(heater).get("_frequency")
        if frequency is not None:
            text = wrong_frequency(frequency, board)
            if text:
                builder.complain(where, f"the PWM of its heater has {frequency:g} Hz: {text}")
            other, hz = frequencies.setdefault(driven.slice_of(pin, port), (pin, frequency))
            if hz != frequency:
                builder.complain(
                    where, f"the pins {other} and {pin} have one PWM frequency on {board.NAME}, not {hz} and {frequency} Hz"
                )
    for (module, relay), (_, man) in itertools.product(found["RelayHeater"], found["DeadMan"]):
        if relay._timer._id == man._timer._id >= 0:
            builder.complain(
                f"{file}: module {module.name}", f"its relay has the dead man's timer, {man._timer._id}: take board.RELAY_TIMER"
            )


def check_outputs(builder, node, file, drives):
    """An output that would begin on: its driver says another safe level than the board was asked for.

    Nothing is said of a pin with another mistake: where two have it, the level may be the other one's.
    """
    of = getattr(sys.modules.get("drivers.pin_output"), "PinOutput", ())
    by_pwm = getattr(sys.modules.get("drivers.pwm_output"), "PWMOutput", ())
    for module in node.modules:
        for thing in vars(module).values():
            if of and isinstance(thing, of) and thing._pin.value() != thing._level and not drives.told(thing._pin):
                text = f"its pin begins at {thing._pin.value()}, and it is {'on' if thing.safe else 'off'} at {thing._level}"
                builder.complain(f"{file}: module {module.name}", f"{text}: give board.pin_out() safe={thing._level}")
            pwm = thing._pwm if by_pwm and isinstance(thing, by_pwm) else None
            if pwm and pwm.duty_u16() != thing._safe and not drives.told(pwm._pin):
                inverted = "inverted=True" if thing._inverted else "not inverted"
                text = f"its PWM begins at {pwm.duty_u16()}, and it is {inverted}"
                builder.complain(f"{file}: module {module.name}", f"{text}: give board.pwm() safe={thing._safe // 65535}")


def imported(firmware):
    """The files of the firmware that are imported now, by their paths in it."""
    folder = os.path.join(os.path.abspath(firmware), "")
    found = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
    return sorted({os.path.abspath(file)[len(folder) :] for file in found if file and os.path.abspath(file).startswith(folder)})


def wrong_frequency(frequency, board):
    """Why a heater's PWM can't have this frequency in Hz; None where it can."""
    low, high = getattr(board, "PWM_HZ", (0, math.inf))
    if not isinstance(frequency, int) or isinstance(frequency, bool):
        return "it has to be a whole number"
    if not low <= frequency <= high:
        return f"{board.NAME} makes {low} to {high} Hz"
    if frequency > _FASTEST:
        return f"above {_FASTEST} Hz its steps are too coarse"
    return None


def main(node_file, firmware, board_dir, host, shims, known):
    own = firmware, board_dir, host, shims, os.path.dirname(os.path.abspath(__file__))
    python = map(sysconfig.get_path, ("stdlib", "platstdlib", "purelib", "platlib"))
    libraries = tuple({os.path.join(path, "") for path in (*own, *python)})
    # `board` is the board's own, `machine` always the simulated one
    sys.path[:0] = [shims, board_dir, host, firmware]
    import cpython  # noqa: F401 - it has effects alone

    there = Board(json.loads(known), node_file, firmware)
    # what a node prints while it is built is not the report
    out, sys.stdout = sys.stdout, sys.stderr
    noted = {}
    from secnode import describing

    # the thing is kept as well: its id must not go to another one
    describing.note = lambda thing, properties: noted.__setitem__(id(thing), (thing, dict(properties)))
    drives = driven.Driven(lambda frames: place(frames, node_file, libraries), there.name, there.port, there.pins)
    try:
        import outputs

        drives.begin(outputs)
        import board
        import buses
        import counters
        import inputs
        import machine
        import steppers
        from secnode.module import Parameter

        drives.begin_inputs(board, buses, inputs)
        drives.begin_counting(counters, steppers)
        drives.begin_uarts(board, machine)
        machine.watch = drives.opened

        def first_value(parameter, original=Parameter.first_value):
            try:
                return original(parameter)
            except Exception:
                return None  # told with its place when the report is built

        Parameter.first_value = first_value
        there.begin()

        stem = os.path.splitext(os.path.basename(node_file))[0]
        spec = importlib.util.spec_from_file_location("nodes." + stem, node_file)
        module = importlib.util.module_from_spec(spec)
        sys.modules["nodes." + stem] = module
        spec.loader.exec_module(module)
        if not hasattr(module, "node"):
            raise AttributeError("the file has no function node(board)")
        node = module.node(board)
        builder = Builder(noted, libraries, there.secop)
        report = builder.node(node, show(node_file))
        check_heaters(builder, node, board, show(node_file), there.port, drives.frequencies)
        driven_pins = drives.list(board, machine.levels)
        check_outputs(builder, node, show(node_file), drives)
        builder.problems += drives.problems
        wired = connected.connected(node, buses.opened, drives.devices, drives.asked, drives.lines, drives.outputs())
        builder.notes += drives.notes
        for where, text in there.complaints():
            builder.complain(where, text)
        load = stated.load(node)
        if load >= 100:
            builder.complain(show(node_file), f"polling holds up the board for {load:.0f} % of the time: longer pollintervals")
    except BaseException as e:
        print(blame(e, node_file, libraries, there), file=sys.stderr)
        return 2
    if builder.problems:
        print("\n".join(dict.fromkeys(builder.problems)), file=sys.stderr)
        return 2
    for note in dict.fromkeys(builder.notes):
        print(f"note: {note}", file=sys.stderr)
    polling = stated.poll_time(node)
    if polling:
        print(f"polling: {polling}", file=sys.stderr)
    print(f"imported: {' '.join(imported(firmware))}", file=sys.stderr)
    # ASCII alone, whatever the locale is (the stand-in of json.dumps is MicroPython's, which is UTF-8)
    out.write("".join(json.dumps(part, ensure_ascii=True) + "\n" for part in (report, driven_pins, builder.version, wired)))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

"""What can be set in a board's settings.json from the PC, and how it gets there: merged, and in one step (docs/settings.md)."""

import ast
import base64
import difflib
import ipaddress
import json
from typing import NamedTuple

from ..kinds import Bytes, Number, Text
from ..problem import Problem
from .device import BoardError

FILE = "settings.json"
_SIZE = 4096  # bytes that the firmware reads
_RIGHTS = ("write", "read", "none")
_NETWORKS = 8
_READ = f"""
def _settings():
    for name in ("settings.json", "settings.new"):
        try:
            with open(name, "rb") as f:
                return name, f.read({_SIZE + 1})
        except OSError:
            pass
    import os
    if "settings.bad" in os.listdir():
        return "settings.bad", b'{{"damaged": {{}}}}'
print(repr(_settings()))
"""
_DESCRIPTION = """
_d = open("description.json")
def _piece():
    return _d.read(512)
"""
DAMAGED = "damaged"  # the firmware's word for it: these settings are what was left after others could not be read
_COMMIT = """
import os
try:
    os.rename("settings.new", "settings.json")
except OSError as e:
    if e.args[0] != 17:
        raise
    os.remove("settings.json")
    os.rename("settings.new", "settings.json")
if hasattr(os, "sync"):
    os.sync()
"""


class Country(Text):
    """Two letters; a board takes capital ones."""

    def parse(self, value):
        return super().parse(value).upper()


class Address(NamedTuple):
    """A numeric IPv4 address; with `mask` that of the board, and how many bits are the network's."""

    mask: bool = False
    secret: bool = False

    @property
    def words(self):
        return "an address and the bits of its network, as 192.168.1.7/24" if self.mask else "a numeric address, as 192.168.1.1"

    def parse(self, value):
        try:
            if (
                self.mask
                and 8 <= ipaddress.IPv4Interface(value).network.prefixlen <= 30
                and str(value).partition("/")[2].isdigit()
            ):
                return str(ipaddress.IPv4Interface(value))
            if not self.mask:
                return str(ipaddress.IPv4Address(value))
        except ValueError:
            pass
        raise ValueError(f"has to be {self.words}")


class Right(NamedTuple):
    """Who may do what, by a way in; by network, as JSON, where `networks`."""

    networks: bool = False
    secret: bool = False

    @property
    def words(self):
        also = ', or by network as {"192.168.1.0/24": "read", "192.168.1.7": "write"}'
        return "write, read or none" + (also if self.networks else "")

    def parse(self, text):
        if text in _RIGHTS:
            return text
        try:
            given = json.loads(text)
            if self.networks and 0 < len(given) <= _NETWORKS and all(right in _RIGHTS for right in given.values()):
                found = {ipaddress.IPv4Network(network): right for network, right in given.items()}
                if len(found) == len(given):
                    return given
        except (ValueError, AttributeError, TypeError, RecursionError):
            pass
        raise ValueError(f"has to be {self.words}")


KEYS = {
    "wifi.ssid": Bytes(1, 32),
    "wifi.password": Bytes(8, 64, secret=True),
    "wifi.country": Country("[A-Za-z]{2}", "two letters, as DE"),
    "wifi.hostname": Bytes(1, 32),
    "ethernet.address": Address(mask=True),
    "ethernet.gateway": Address(),
    "ethernet.dns": Address(),
    "ethernet.hostname": Bytes(1, 32),
    "ntp.server": Bytes(0, 253),
    "node.clients": Number(1, 8, whole=True),
    "uart.baudrate": Number(9600, 921600, whole=True),
    "access.tcp": Right(networks=True),
    "access.uart": Right(),
    "access.console": Right(),
    "access.web": Right(),
    "web.names": Bytes(1, 253),
}
QUESTIONS = {
    "wifi.ssid": "Wi-Fi: name of the network",
    "wifi.password": "Wi-Fi: password",
    "wifi.country": "Wi-Fi: country, two letters",
    "ntp.server": "time server",
}
DEFAULTS = {"ntp.server": "pool.ntp.org"}  # of what is asked


def read(there):
    """The settings on a board that was taken, objects in an object; {} where there are none. Raises Problem for what is not."""
    found = there.value(there.exec(_READ), {None, (str, bytes)})
    if found is None:
        return {}
    name, data = found
    try:
        return loaded(data)
    except ValueError as e:
        raise Problem(
            f"{name} on the board can't be read ({e}), and nothing was changed. `mpremote fs cp :{name} .` saves it, "
            f"`mpremote fs rm :{name}` begins anew"
        ) from None


def loaded(data):
    """The settings that a file holds, objects in an object. Raises ValueError where it can't be used."""
    if len(data) > _SIZE:
        raise ValueError(f"it has more than {_SIZE} bytes")
    try:
        sections = json.loads(data, object_pairs_hook=_once)
    except RecursionError as e:
        raise ValueError(e) from None
    if not isinstance(sections, dict) or not all(isinstance(values, dict) for values in sections.values()):
        raise ValueError("it is no object of objects")
    return sections


def _once(pairs):
    found = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key[:60]!r} is there twice")
        found[key] = value
    return found


def complaints(sections, modules):
    """What nobody looks at in the settings of a node with these modules, and what keeps clients out; a line each."""
    known = {*(key.partition(".")[0] for key in KEYS), *modules}
    found = []
    for name in sections:
        if name == DAMAGED:
            found.append(
                "settings.json on the board could not be read once, and was put aside as settings.bad: until it is known whom "
                "it kept out, nobody writes by network. --set access.tcp=write (or read, none) says it anew"
            )
        elif name not in known:
            near = difflib.get_close_matches(name.lower(), sorted(known), 1, 0.6)
            found.append(
                f"settings.json on the board has a section {name[:60]!r}, which is neither a module of the node nor one of "
                f"{', '.join(sorted(known - set(modules)))}: nothing in it counts" + (f"; is {near[0]} meant?" if near else "")
            )
    return found


def modules_of(there):
    """The modules of the node on a board that was taken, () where there is none."""
    try:
        there.exec(_DESCRIPTION)
        text = "".join(iter(lambda: there.eval("_piece()"), ""))
        return tuple(json.loads(text.partition("\n")[0])["modules"])
    except (BoardError, ValueError, KeyError, TypeError):
        return ()


def get(sections, key):
    """A value by its key; None where there is none."""
    section, _, name = key.partition(".")
    return sections.get(section, {}).get(name)


def merged(sections, changes):
    """The settings with changes, a dict of key -> value (None: forget it). Raises Problem where they are too much."""
    result = {section: dict(values) for section, values in sections.items()}
    for key, value in changes.items():
        section, _, name = key.partition(".")
        result.setdefault(section, {})[name] = value
        if value is None:
            del result[section][name]
        if not result[section]:
            del result[section]
        if section == "access" and value is not None:
            result.pop(DAMAGED, None)  # now it is known who may do what
    size = len(text(result))
    if size > _SIZE:
        raise Problem(f"the settings would be {size} bytes long, and the board reads {_SIZE}")
    return result


def text(sections):
    """What the file holds, as bytes, laid out as the firmware does it."""
    if not sections:
        return b"{}\n"
    lines = [f"{json.dumps(section)}: {json.dumps(values, ensure_ascii=False)}" for section, values in sections.items()]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def write(there, sections):
    """Put settings onto a board that was taken: all of them or what was there. Raises Problem where it can't be verified."""
    data = text(sections)
    there.exec('from binascii import a2b_base64\n_f = open("settings.new", "wb")')
    for i in range(0, len(data), 1024):
        there.exec(f"_f.write(a2b_base64({base64.b64encode(data[i : i + 1024])!r}))")
    there.exec("_f.close()")
    if ast.literal_eval(there.exec('with open("settings.new", "rb") as f: print(repr(f.read()))').strip()) != data:
        raise Problem("the settings are not on the board as they were sent: try again. Nothing on the board was changed")
    there.exec(_COMMIT)

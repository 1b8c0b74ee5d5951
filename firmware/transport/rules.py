"""Who may do what, by way in: the section "access" of settings.json, e.g.

    {"access": {"tcp": {"192.168.1.0/24": "read", "192.168.1.7": "write"}, "uart": "read"}}

A right is "write" (everything), "read" (all but change and do) or "none". Where it is given by network, the smallest
network that holds the address decides, and who is in none of them has no right. A way in that is not named is open, but for
"web", by which browsers come: those may read.

A rule that makes no sense closes its way in, and the log says so. A name that is no way in closes all that are not named.
Where the settings could not be read, or a section is there by which "access" was meant, nobody writes by network.

access.py reads them once, and forgets this file.
"""

from micropython import const
from secnode import log
from transport.access import NONE, READ, WRITE, number, small

_WAYS = ("tcp", "uart", "console", "web")
_SECTION = "access"
_SECTIONS = ("node", "wifi", "ethernet", "ntp", "uart", "web", _SECTION)  # beside those of modules
_MOST = const(8)  # networks
_FEW = const(2)  # letters that may be wrong


def read(access, settings, modules, web):
    """Put what settings.json says into an Access (access.py)."""
    given = settings.section(_SECTION)
    for way in given:
        if way not in _WAYS:
            _close(access, "%s is none of %s" % (way, ", ".join(_WAYS)))
    for way in _WAYS:
        if way in given:
            try:
                if isinstance(given[way], dict) and way == "tcp":
                    access.networks[way] = _networks(given[way])
                    access.rules[way] = NONE
                else:
                    access.rules[way] = _right(given[way])
            except ValueError as e:
                access.rules[way] = NONE
                log.error("", "access: %s: %s: nobody gets in by %s until settings.json is mended", way, e, way)
                if way == "tcp":
                    access.why = ": %s" % e
    lost = settings.lost(_SECTION)
    if lost == READ:
        _restrict(access, "settings.json could not be read, and nobody knows whom it kept out")
    elif lost:
        _close(access, "the settings that were put aside had more to say; mend them or delete them")
    if "web" not in given and access.default == WRITE:
        access.rules["web"] = web
    if modules is not None:
        for name in [n for n in settings.sections if n not in modules + _SECTIONS]:
            if _is_meant(name):
                _restrict(access, "settings.json has %r, which is none of its sections; is access meant?" % name[:20])
            else:
                log.error("", "settings.json: %r is neither a module nor a section; it is ignored", name[:60])


def _restrict(access, why):
    access.most = READ
    access.why = ": " + why
    log.error("", "access: %s: nobody writes by network until settings.json is mended", why)


def _close(access, why):
    access.default = NONE
    access.why = ": " + why
    log.error("", "access: %s: nobody gets in by a way that settings.json does not name", why)


def _is_meant(name):
    """Whether "access" is meant by a name of which one or two letters, or their case, are wrong."""
    row = list(range(len(_SECTION) + 1))  # how many letters differ, up to each of _SECTION's
    for c in name.lower():
        left = row[0]
        row[0] += 1
        for i, wanted in enumerate(_SECTION):
            left, row[i + 1] = row[i + 1], min(row[i] + 1, row[i + 1] + 1, left + (c != wanted))
    return row[-1] <= _FEW


def _networks(given):
    """The smallest network first."""
    if not 0 < len(given) <= _MOST:
        raise ValueError("it has to name 1 to %d networks, not %d" % (_MOST, len(given)))
    networks = [_network(text, _right(given[text])) for text in given]
    networks.sort(key=lambda n: (-n[0], n[1]))
    for i in range(1, len(networks)):
        if networks[i][:2] == networks[i - 1][:2]:
            raise ValueError("a network is there twice")
    return networks


def _right(given):
    if given not in (WRITE, READ, NONE):
        raise ValueError("%r is none of write, read, none" % (given,))
    return given


def _network(text, right):
    """(length, the network's part as a number, right) of "192.168.1.0/24", or of an address alone."""
    address, slash, length = text.partition("/")
    if not slash:
        return 32, number(address), right
    length = small(length, 32, text)
    whole = number(address)
    network = whole >> (32 - length)
    if network << (32 - length) != whole:
        raise ValueError("%s: the address goes on behind the network's %d bits" % (text, length))
    return length, network, right

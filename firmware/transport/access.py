"""Who may do what, by way in: the section "access" of settings.json, e.g.

    {"access": {"tcp": {"192.168.1.0/24": "read", "192.168.1.7": "write"}, "uart": "read"}}

A right is "write" (everything), "read" (all but change and do) or "none". Where it is given by network, the smallest
network that holds the address decides, and who is in none of them has no right. A way in that is not named is open.

What can't be understood closes its way in, and the log says so; a name that is no way in closes all that are not named.
Where the settings could not be read, or a section is there by which "access" was meant, nobody writes by network.
"""

from micropython import const
from secnode import log

WRITE = "write"
READ = "read"
NONE = "none"
WAYS = ("tcp", "uart", "console")
SECTION = "access"
_SECTIONS = ("node", "wifi", "ntp", "uart", SECTION)  # beside those of modules
_MOST = const(8)  # networks
_FEW = const(2)  # letters that may be wrong


class Access:
    """The rights of clients, from `settings` (an object with section(name), lost(name) and, where `modules` are given,
    unknown(names)). `modules` are the names of the node's: whatever else has a section is unknown.

    `why` is what closes more than settings.json says in so many words: how a text for clients ends.
    """

    why = ""
    _most = WRITE  # by network

    def __init__(self, settings, modules=None):
        self._rules = {}  # way in -> a right
        self._networks = {}  # way in -> [(length of the network's part, network, right)], where rights go by network
        self._default = WRITE
        given = settings.section(SECTION)
        for way in given:
            if way not in WAYS:
                self._close("%s is none of %s" % (way, ", ".join(WAYS)))
        for way in WAYS:
            if way in given:
                try:
                    if isinstance(given[way], dict) and way == "tcp":
                        self._networks[way] = _networks(given[way])
                        self._rules[way] = NONE
                    else:
                        self._rules[way] = _right(given[way])
                except ValueError as e:
                    self._rules[way] = NONE
                    log.error("", "access: %s: %s: nobody gets in by %s until settings.json is mended", way, e, way)
                    if way == "tcp":
                        self.why = ": %s" % e
        lost = settings.lost(SECTION)
        if lost == READ:
            self._restrict("settings.json could not be read, and nobody knows whom it kept out")
        elif lost:
            self._close("the settings that were put aside had more to say; mend them or delete them")
        if modules is not None:
            for name in settings.unknown(modules + _SECTIONS):
                if _is_meant(name):
                    self._restrict("settings.json has %r, which is none of its sections; is access meant?" % name[:20])
                else:
                    log.error("", "settings.json: %r is neither a module nor a section; it is ignored", name[:60])

    def _restrict(self, why):
        self._most = READ
        self.why = ": " + why
        log.error("", "access: %s: nobody writes by network until settings.json is mended", why)

    def _close(self, why):
        self._default = NONE
        self.why = ": " + why
        log.error("", "access: %s: nobody gets in by a way that settings.json does not name", why)

    def right(self, way, address=""):
        """WRITE, READ or NONE for who comes by `way`, by tcp from an IPv4 address in text."""
        right = self._rules.get(way, self._default)
        networks = self._networks.get(way)
        if networks:
            try:
                number = _number(address)
            except ValueError:
                return NONE  # IPv6: in none of these networks
            for length, network, given in networks:
                if number >> (32 - length) == network:
                    right = given
                    break
        return READ if right == WRITE and way == "tcp" and self._most == READ else right


def _is_meant(name):
    """Whether "access" is meant by a name of which one or two letters, or their case, are wrong."""
    row = list(range(len(SECTION) + 1))  # how many letters differ, up to each of SECTION's
    for c in name.lower():
        left = row[0]
        row[0] += 1
        for i, wanted in enumerate(SECTION):
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
        return 32, _number(address), right
    length = _small(length, 32, text)
    number = _number(address)
    network = number >> (32 - length)
    if network << (32 - length) != number:
        raise ValueError("%s: the address goes on behind the network's %d bits" % (text, length))
    return length, network, right


def _number(text):
    parts = text.split(".")
    if len(parts) != 4:
        raise ValueError("%r is no IPv4 address or network" % text)
    number = 0
    for part in parts:
        number = number << 8 | _small(part, 255, text)
    return number


def _small(digits, most, text):
    # int() alone takes blanks, signs, underscores
    for c in digits:
        if not "0" <= c <= "9":
            digits = ""
    if not 0 < len(digits) < 4 or (digits[0] == "0" and digits != "0") or int(digits) > most:
        raise ValueError("%r is no IPv4 address or network" % text)
    return int(digits)

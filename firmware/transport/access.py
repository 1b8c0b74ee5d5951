"""Who may do what, by way in: "write" (everything), "read" (all but change and do) or "none". rules.py says by what."""

import sys

WRITE = "write"
READ = "read"
NONE = "none"


class Access:
    """The rights of clients, from `settings` (an object with section(name), lost(name) and, where `modules` are given,
    the dict `sections`). `modules` are the names of the node's: whatever else has a section is unknown. `web` is the right of
    browsers where nothing is said of them; none has more than "tcp" gives to its address.

    `why` is what closes more than settings.json says in so many words: how a text for clients ends.
    """

    why = ""
    most = WRITE  # by network

    def __init__(self, settings, modules=None, web=READ):
        self.rules = {}  # way in -> a right
        self.networks = {}  # way in -> [(length of the network's part, network, right)], where rights go by network
        self.default = WRITE
        from transport import rules

        rules.read(self, settings, modules, web)
        # it has said all it will ever say
        del sys.modules["transport.rules"], sys.modules["transport"].rules  # type: ignore

    def right(self, way, address=""):
        """WRITE, READ or NONE for who comes by `way`, by tcp from an IPv4 address in text."""
        right = self.rules.get(way, self.default)
        networks = self.networks.get(way)
        if networks:
            try:
                wanted = number(address)
            except ValueError:
                return NONE  # IPv6: in none of these networks
            for length, network, given in networks:
                if wanted >> (32 - length) == network:
                    right = given
                    break
        return READ if right == WRITE and way == "tcp" and self.most == READ else right


def number(text):
    """An IPv4 address as a number. Raises ValueError for any other text."""
    parts = text.split(".")
    if len(parts) != 4:
        raise ValueError("%r is no IPv4 address or network" % text)
    whole = 0
    for part in parts:
        whole = whole << 8 | small(part, 255, text)
    return whole


def small(digits, most, text):
    """A number from 0 to `most` that is part of an address `text`. Raises ValueError for anything else."""
    # int() alone takes blanks, signs, underscores
    for c in digits:
        if not "0" <= c <= "9":
            digits = ""
    if not 0 < len(digits) < 4 or (digits[0] == "0" and digits != "0") or int(digits) > most:
        raise ValueError("%r is no IPv4 address or network" % text)
    return int(digits)

"""List the SEC nodes on the network; exit code 1 where there are none."""

import json
import select
import shutil
import socket
import sys
import time
from typing import NamedTuple

from .. import addresses
from ..problem import Problem

PORT = 10767
_QUESTION = b'{"SECoP":"discover"}'
_AGAIN = 2  # times to ask: UDP may lose a datagram
_MOST = 1000  # nodes; a network is no place to trust


class Found(NamedTuple):
    """A node that answered."""

    address: str
    port: int
    equipment_id: str
    firmware: str
    description: str

    @classmethod
    def parse(cls, data, address):
        """The answer in a datagram (discovery.rst); None where it is none."""
        try:
            said = json.loads(data.decode())
        except (ValueError, RecursionError):
            return None
        if not isinstance(said, dict) or said.get("SECoP") != "node":
            return None
        texts = [said.get(key) for key in ("equipment_id", "firmware", "description")]
        port = said.get("port")
        if not all(isinstance(t, str) for t in texts) or type(port) is not int or not 0 < port < 65536:
            return None
        return cls(address, port, *(clean(t) for t in texts))


def clean(text):
    """On one line, and without what would move the cursor or change colours."""
    return "".join(c if c.isprintable() else " " for c in text)


def add_arguments(parser):
    parser.add_argument("--timeout", type=seconds, default=2.0, help="seconds to wait for answers (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print them as JSON, for a program")


def seconds(text):
    number = float(text)
    if not 0 < number <= 3600:
        raise ValueError
    return number


def main(args):
    nodes = sorted(discover(args.timeout), key=lambda n: (n.equipment_id, n.address, n.port))
    if args.json:
        print(json.dumps([node._asdict() for node in nodes], indent=2, ensure_ascii=False))
    elif nodes:
        table(nodes)
    else:
        print(
            f"no SEC node answered within {args.timeout:g} s: a node has to be in this very network, and on a PC"
            " the firewall has to let UDP port 10767 through",
            file=sys.stderr,
        )
    return 0 if nodes else 1


def discover(timeout):
    """Ask everybody on every network of this machine; gives a list of Found. Raises Problem where nobody can be asked."""
    targets = addresses.broadcast()
    found = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        s.setblocking(False)
        begin = time.monotonic()
        for i in range(_AGAIN):
            ask(s, targets)
            deadline = begin + timeout * (i + 1) / _AGAIN
            while (left := deadline - time.monotonic()) > 0 and select.select([s], [], [], left)[0]:
                try:
                    data, peer = s.recvfrom(2048)
                except OSError:  # e.g. that a machine refused the question
                    continue
                node = Found.parse(data, peer[0])
                if node and len(found) < _MOST:
                    found[node.address, node.port, node.equipment_id] = node
    return without_doubles(found.values())


def ask(s, targets):
    """Send the question to each target that can be reached."""
    problem = None
    reached = 0
    for target in targets:
        try:
            s.sendto(_QUESTION, (target, PORT))
            reached += 1
        except OSError as e:
            problem = e
    if not reached:
        raise Problem(f"this machine can't ask its network: {problem.strerror or problem}")


def without_doubles(nodes):
    """Each node once: one on this machine answers at 127.0.0.1 and at the machine's own address."""
    elsewhere = {(n.port, n.equipment_id) for n in nodes if not n.address.startswith("127.")}
    return [n for n in nodes if not n.address.startswith("127.") or (n.port, n.equipment_id) not in elsewhere]


def table(nodes):
    """Print the nodes, a line each; on a terminal no longer than it is wide."""
    rows = [("address", "equipment_id", "firmware", "description")]
    rows += [(f"{n.address}:{n.port}", n.equipment_id, n.firmware, n.description) for n in nodes]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    limit = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for row in rows:
        print("  ".join((*(text.ljust(width) for text, width in zip(row, widths, strict=False)), row[3]))[:limit].rstrip())

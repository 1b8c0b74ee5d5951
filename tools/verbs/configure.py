"""Ask for what is special about your node: names and sensors go into a file of yours, Wi-Fi and the like onto the board.

FILE (node.toml) is yours: `secnode flash --node FILE` makes node and description of it. Passwords are not in it: they are
asked for, not shown, and kept on the board alone. --set KEY=VALUE, as often as needed, is for scripts, and asks nothing;
`--set wifi.password` takes it from $SECNODE_WIFI_PASSWORD, a prompt or stdin. `--keys` lists all keys.
"""

import contextlib
import json
import re
import sys
from pathlib import Path

from .. import foreign, kinds
from ..board import asked, device, flash, kept
from ..image import compose, declared, image, nodes, own
from ..problem import Problem

_WIFI = 60.0  # s for the board to be in the network, or to say why not
_HEARD = re.compile(r'log \S*:(?:info|error) "((?:Wi-Fi|Ethernet)[: ](?:[^"\\]|\\.)*)"')


def add_arguments(parser):
    parser.add_argument("file", nargs="?", default="node.toml", help="the file of your node (%(default)s)")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="set this and ask nothing")
    parser.add_argument("--unset", action="append", default=[], metavar="KEY", help="back to what holds without it")
    parser.add_argument("--keys", action="store_true", help="list what can be set, with what holds and its bounds")
    parser.add_argument("--port", default="", help="the serial port, or id:SERIALNUMBER (the only board that is connected)")


def main(args):
    try:
        import mpremote  # noqa: F401
        import serial  # noqa: F401
        import tomlkit  # noqa: F401
    except ImportError as e:
        raise Problem(f"this needs the Python package {e.name}: in a checkout `make configure` prepares it") from None
    if not args.file.endswith(".toml"):
        raise Problem(f"the file of your node has to end in .toml: {args.file}.toml")
    mine = opened(args.file)
    if args.keys:
        return list_keys(mine)
    if args.set or args.unset:
        return script(args, mine)
    if not sys.stdin.isatty():
        raise Problem("there is nobody to ask: use --set KEY=VALUE; --keys lists what can be set")
    return Interview(args, mine).hold()


def opened(file):
    """The file, of either kind."""
    if not Path(file).exists() or not compose.is_composed(file):
        return own.Own(file)
    compose.need()
    from ..image.compose.changing import Changing

    return Changing(file)


def list_keys(mine):
    print(f"in {mine.path} (then `secnode flash` puts it onto the board):")
    if not mine.composed:
        print(f"  {'node':28}{mine.base}  ({', '.join(nodes.names())}, or a .py file)")
    for key, place in mine.places().items():
        print(f"  {key:28}{shown(mine.values.get(key, place.value))}  ({place.kind.words})")
    print("on the board:")
    for key, kind in kept.KEYS.items():
        print(f"  {key:28}{kind.words}" + (", a secret" if kind.secret else ""))
    return 0


def shown(value):
    return value if isinstance(value, str) else f"{value:.7g}"


# ---- for scripts


def script(args, mine):
    given = [asked.split(text) for text in args.set] + [(key, None) for key in args.unset]
    on_board = {}
    # the base first: it decides what else there is
    for key, text in sorted(given, key=lambda item: item[0] != "node"):
        if key in kept.KEYS:
            on_board[key] = text
        elif key == "node":
            mine.base = text or "example_heater"
        else:
            change(mine, key, text)
    if len(on_board) < len(given):
        check(mine)
    values = {key: asked.value(key, text) for key, text in on_board.items()}
    if values:
        with taken(args.port) as there:
            before = kept.read(there)
            sections = kept.merged(before, values)
            if values.get("wifi.ssid") and "wifi.password" not in values and kept.get(before, "wifi.password"):
                print("the Wi-Fi password that is on the board stays: --set wifi.password sets another one")
            if len(on_board) < len(given):
                save(mine)
            put(there, sections)
    else:
        save(mine)
    return 0


def change(mine, key, text):
    """Change a value of the file, as text; None takes it out. Raises Problem for a key that there is not, or out of bounds."""
    known = mine.places()
    if text is None and key in mine.values:
        del mine.values[key]
        return
    if key not in known:
        module, dot, name = key.partition(".")
        hint = ""
        if dot and name not in own.NAMES | declared.names() and any(k.startswith(module + ".") for k in known):
            hint = f". What a client can change, it changes: `change {module}:{name} ...` in `secnode talk`"
        raise Problem(f"there is no {key!r} to be set in {mine.base}; `secnode configure --keys` lists what there is{hint}")
    if text is None:
        return
    try:
        mine.values[key] = known[key].kind.parse(text)
    except ValueError as e:
        raise Problem(f"{key} {e}, not {text!r}") from None


# ---- the file


def check(mine):
    """Raises Problem with all that is wrong, as the description finds it, too."""
    mine.check()
    if not mine.composed:
        image.describe(str(mine.build()))


def save(mine):
    mine.save()
    print(f"{mine.path} is written: `secnode flash --board ... --node {mine.path}` puts it onto a board", flush=True)


# ---- the board


@contextlib.contextmanager
def taken(port):
    """The board, without a node that runs; it starts again at the end, even after an error."""
    with device.Device(device.find(port)) as there:
        try:
            there.take()
            there.exec(device.FEEDING)
            yield there
        except device.BoardError as e:
            there.abandon()
            raise Problem(f"the board could not take the settings: it says {e}. Nothing on the board was changed") from None
        except BaseException:
            there.abandon()
            raise


def put(there, sections):
    """Write settings, start the board with them, and tell what comes of it."""
    for complaint in kept.complaints(sections, kept.modules_of(there)):
        print(complaint, flush=True)
    kept.write(there, sections)
    has_node = there.eval("'main.py' in __import__('os').listdir()")
    there.reset()
    print(f"the settings are on the board at {there.name}", flush=True)
    if not has_node:
        print("there is no node on it yet: `secnode flash` puts it there")
        return
    print("the board starts ...", flush=True)
    print(flash.started(there), flush=True)
    if kept.get(sections, "wifi.ssid") or "ethernet" in sections:
        print(network(there), flush=True)


def network(there):
    """What the node says of its network; a problem may be over at the next try."""

    def found(came):
        said = _HEARD.findall(came)
        return said and foreign.clean(json.loads(f'"{said[-1]}"', strict=False))

    print("the board looks for its network ...", flush=True)
    said, _ = there.ask(b'logging  "info"\n', found, _WIFI)
    there.ask(b"*IDN?\n", re.compile("^ISSE", re.MULTILINE).search, 2)
    if said:
        return said
    return "the board does not say anything of a network: does it have one? docs/troubleshooting.md goes on from here"


# ---- for a person


class Interview:
    """Asks for everything, what holds in brackets."""

    def __init__(self, args, mine):
        self.args = args
        self.mine = mine

    def hold(self):
        print("Enter keeps what stands in [brackets]. Ctrl-C ends it, and nothing is changed.\n")
        self.node()
        for key in self.mine.places():
            self.value(key)
        check(self.mine)
        print()
        save(self.mine)
        print("\nWhat follows is kept on the board alone. It has to be connected, and it starts anew.")
        if ask("Set Wi-Fi on the board now (y, n)", "n" if self.args.port == "" and not device.ports() else "y") == "y":
            self.board()
        return 0

    def node(self):
        while not self.mine.composed:
            names = ", ".join(nodes.names())
            before = self.mine.base
            self.mine.base = ask(f"node to begin with: {names}, or your .py file", before)
            try:
                known = self.mine.places()
            except Problem as e:
                print(f"  {e}")
                self.mine.base = before
                continue
            for key in [key for key in self.mine.values if key not in known]:
                print(f"  {self.mine.base} has no {key}: it is left out")
                del self.mine.values[key]
            return

    def value(self, key):
        place = self.mine.places()[key]
        module, _, _ = key.rpartition(".")
        question = f"{module}: {place.question}" if module else place.question
        if not isinstance(place.kind, kinds.Text):
            question += f", {place.kind.words}"
        while True:
            default = self.suggestion(key)
            text = ask(question, shown(default))
            try:
                value = place.kind.parse(text)
            except ValueError as e:
                print(f"  it {e}")
                continue
            before = self.mine.values.pop(key, None)
            if value != place.value:
                self.mine.values[key] = value
            wrong = [text for keys, text in self.mine.complaints() if key in keys and not self.comes(keys, key)]
            if not wrong:
                return
            print("  " + "\n  ".join(wrong))
            self.mine.values.pop(key, None)
            if before is not None:
                self.mine.values[key] = before

    def comes(self, keys, key):
        """Whether one of the keys is asked for later."""
        order = list(self.mine.places())
        return any(order.index(other) > order.index(key) for other in keys)

    def suggestion(self, key):
        """What is in brackets: what holds, or what fits to the answers before."""
        module, _, name = key.rpartition(".")
        known = self.mine.places()
        value = self.mine.value(key, known)
        beside = {k.rpartition(".")[2]: self.mine.value(k, known) for k in known if k.rpartition(".")[0] == module}
        if name == "target_min" and "minimum" in beside:
            return max(value, beside["minimum"] + 1)
        if name == "target_max" and "maximum" in beside:
            return min(value, beside["maximum"] - 10)
        if name == "maxheaterpower":
            return min(value, int(own.full_power(beside) or value) or value)
        return value

    def board(self):
        with taken(self.args.port) as there:
            print(f"the board is at {there.name}")
            sections = kept.read(there)
            there.reset()  # it works on while the user types
        port = there.name
        changes = {}
        for key in kept.QUESTIONS:
            before = kept.get(sections, key)
            value = self.board_value(key, before)
            if value != before and not (before is None and value == kept.DEFAULTS.get(key)):
                changes[key] = value
            if key == "wifi.ssid" and value is None:
                changes.update({key: None for key in ("wifi.password", "wifi.country") if kept.get(sections, key) is not None})
                break
        if not changes:
            print("nothing to change on the board")
            return
        with taken(port) as there:
            put(there, kept.merged(kept.read(there), changes))

    def board_value(self, key, before):
        """An answer; None where there is to be none."""
        kind = kept.KEYS[key]
        question = kept.QUESTIONS[key]
        while True:
            if kind.secret:
                text = asked.hidden(
                    f"{question}, not shown, {kind.words}{' [kept]' if before else ''} (- for an open network): "
                )
            else:
                text = ask(f"{question} (- for none)", before or kept.DEFAULTS.get(key, "-"))
            if not text and kind.secret:
                if before:
                    return before
                text = "-"
            if text == "-":
                return "" if key == "ntp.server" else None
            try:
                return kind.parse(text)
            except ValueError as e:
                print(f"  it {e}")


def ask(question, default):
    """A line of the user; the default where it is empty. Raises Problem at the end of the input."""
    try:
        return input(f"{question} [{foreign.clean(str(default))}]: ").strip() or default
    except EOFError:
        raise Problem("the answers ended: nothing is changed") from None
    except UnicodeDecodeError:
        print("  this terminal's letters are no UTF-8")
        return ask(question, default)

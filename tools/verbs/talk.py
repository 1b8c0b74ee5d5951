"""Talk to a SEC node: an interactive prompt; lines from a pipe are sent and answered one after the other."""

import asyncio
import concurrent.futures
import contextlib
import os
import sys
import threading
from pathlib import Path

from .. import foreign, interrupts
from ..client import client as clients
from ..problem import Problem

_HELP_PAUSE = 0.5  # s without another line of help: it has ended
_COMMANDS = {"quit": "end", "/raw": "lines as on the wire, or laid out again"}  # no action of SECoP has a slash


def add_arguments(parser):
    clients.add_address(parser)
    parser.add_argument("--raw", action="store_true", help="show the lines of the node as they are on the wire")


def main(args):
    try:
        import prompt_toolkit  # noqa: F401
        import rich  # noqa: F401
    except ImportError as e:
        raise Problem(f"this needs the Python package {e.name}: in a checkout `make talk` prepares it") from None
    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    return interrupts.run((prompt if interactive else pipe)(args))


class Printer:
    """Prints what the node says, laid out or raw."""

    def __init__(self, client, console, raw):
        self.client = client
        self.console = console
        self.raw = raw

    def message(self, message):
        from ..client import layout

        if message.action == "error_closed" and not self.raw:
            self.line("the node has started anew: nothing is active any more", "yellow")
        elif not self.raw:
            self.print(layout.message_text(message, self.client.description))
        else:
            self.line(foreign.clean(message.line) if self.console.is_terminal else message.line)

    def line(self, text, style=None):
        from rich.text import Text

        self.print(Text(text, style or ""))

    def print(self, thing):
        from rich.text import Text

        # the terminal wraps long lines: copied, they are whole again
        soft_wrap = isinstance(thing, Text)
        if self.console.is_terminal:
            self.console.print(thing, soft_wrap=soft_wrap)
            return
        with self.console.capture() as capture:
            self.console.print(thing, soft_wrap=soft_wrap)
        for line in capture.get().splitlines():
            print(line.rstrip())  # columns need no padding here


# ---- as a filter


async def pipe(args):
    """Send each line of stdin and print what comes; ends when the last one is answered."""
    from rich.console import Console

    sys.stdout.reconfigure(errors="replace", line_buffering=True)
    width = os.environ.get("COLUMNS", "")
    console = Console(
        file=sys.stdout, force_terminal=False, color_system=None, width=int(width) if width.isdecimal() else 120,
        highlight=False, markup=False, emoji=False,
    )  # fmt: skip
    client = await clients.connect(args.address, baudrate=args.baudrate)
    try:
        if not args.raw:
            await describe(client)
        client.listeners.append(Printer(client, console, args.raw).message)
        await send_all(client)
    finally:
        await client.close()
    return 0


async def send_all(client):
    lines = asyncio.Queue(100)
    loop = asyncio.get_running_loop()
    threading.Thread(target=read_lines, args=(lambda line: put(lines, line, loop),), daemon=True).start()
    lost = asyncio.create_task(client.ended())
    while True:
        following = asyncio.create_task(lines.get())
        await asyncio.wait((following, lost), return_when=asyncio.FIRST_COMPLETED)
        if not following.done():
            following.cancel()
            raise client.lost
        line = following.result()
        if line is None:
            lost.cancel()
            return
        answer = await client.ask(line)
        if answer.action == "helping":
            await quiet(client, "helping", _HELP_PAUSE)


def put(queue, item, loop):
    """Put an item into a queue of a loop in another thread; waits until there is room."""
    done = concurrent.futures.Future()

    def begin():
        # no coroutine: where the loop ends first, nobody would await it
        try:
            queue.put_nowait(item)
            done.set_result(None)
        except asyncio.QueueFull:
            loop.call_later(0.01, begin)

    loop.call_soon_threadsafe(begin)
    done.result()


def read_lines(found):
    """Call found(line) with each line of stdin, as bytes; with None at its end."""
    # not sys.stdin: a thread that waits in there would disturb the end of the program
    rest = b""
    try:
        while data := os.read(sys.stdin.fileno(), 65536):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                found(line.removesuffix(b"\r"))
        if rest:
            found(rest)
        found(None)
    except RuntimeError:
        return  # the loop is gone, and with it whoever wanted the lines


async def quiet(client, action, seconds):
    """Wait until no line with that action came for a while."""
    came = asyncio.Event()
    listener = lambda message: came.set() if message.action == action else None  # noqa: E731
    client.listeners.append(listener)
    try:
        while True:
            came.clear()
            async with asyncio.timeout(seconds):
                await came.wait()
    except TimeoutError:
        return
    finally:
        client.listeners.remove(listener)


async def describe(client):
    """Ask for the description; gives what is wrong with it, or None. One can talk without it, too."""
    try:
        await client.describe()
    except clients.SECoPError as e:
        return f"the node does not describe itself: {e}"
    except Problem as e:
        if client.lost:
            raise
        return str(e)
    return None


# ---- as a prompt


async def prompt(args):
    """Greet, then send what is typed and print what comes, until the user or the node ends."""
    from prompt_toolkit.patch_stdout import patch_stdout
    from rich.console import Console

    from ..client import layout

    client = await clients.connect(args.address, baudrate=args.baudrate)
    try:
        complaint = await describe(client)
        with patch_stdout(raw=True):
            printer = Printer(client, Console(highlight=False, markup=False, emoji=False), args.raw)
            printer.print(layout.greeting(client.description, client.name))
            if complaint:
                printer.line(complaint, "red")
            printer.line("\nType SECoP, as in `read <module>:<parameter>`. Tab completes, /raw shows the wire, quit ends.\n")
            client.listeners.append(printer.message)
            await converse(client, printer)
    finally:
        await client.close()
    return 0


async def converse(client, printer):
    session = prompt_session(client, printer)
    watch = asyncio.create_task(end_with(client, session))
    asking = set()
    try:
        with session.input.raw_mode():
            await each_line(client, printer, session, asking)
    except EOFError:
        return
    finally:
        watch.cancel()
        for task in asking:
            task.cancel()


async def each_line(client, printer, session, asking):
    while True:
        if client.lost:
            raise client.lost
        for line in (await session.prompt_async()).splitlines() or [""]:
            if line.strip() == "quit":
                return
            if line.strip() == "/raw":
                toggle_raw(printer)
                continue
            task = asyncio.create_task(ask(client, printer, line))
            asking.add(task)
            task.add_done_callback(asking.discard)


async def end_with(client, session):
    """Without a connection there is nobody to talk to."""
    reason = await client.ended()
    if session.app.is_running:
        session.app.exit(exception=reason)


async def ask(client, printer, line):
    try:
        await client.ask(line)
    except clients.NoAnswer as e:
        printer.line(str(e), "red")
    except Problem:
        return  # the prompt ends, and says why


def toggle_raw(printer):
    printer.raw = not printer.raw
    printer.line("lines as on the wire" if printer.raw else "laid out", "bright_black")


def prompt_session(client, printer):
    from prompt_toolkit import PromptSession
    from prompt_toolkit.application import run_in_terminal
    from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
    from prompt_toolkit.completion import Completer, Completion
    from prompt_toolkit.formatted_text import FormattedText
    from prompt_toolkit.input import create_input
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.styles import Style

    from ..client import completion

    class FromDescription(Completer):
        def get_completions(self, document, complete_event):
            line = document.text_before_cursor
            found = completion.candidates(client.description, line)
            if " " not in line:
                found += [(text, meta) for text, meta in _COMMANDS.items() if text.startswith(line)]
            begin = -len(completion.last_word(line))
            for text, meta in found:
                yield Completion(text, begin, display_meta=meta)

    keys = KeyBindings()

    @keys.add("c-c")
    @keys.add("<sigint>")
    def _(event):
        event.current_buffer.reset()

    @keys.add("f2")
    def _(event):
        run_in_terminal(lambda: toggle_raw(printer))

    def toolbar():
        about = completion.hint(client.description, session.app.current_buffer.document.text_before_cursor)
        return FormattedText([("", f" {about or client.name}"), ("class:raw", "  raw" if printer.raw else "")])

    # the terminal stays raw while something is printed above the prompt: a Ctrl-D just then would be lost
    keyboard = create_input()
    keyboard.cooked_mode = contextlib.nullcontext
    style = Style.from_dict({"bottom-toolbar": "noreverse fg:ansibrightblack", "raw": "fg:ansiyellow"})
    session = PromptSession(
        FormattedText([("bold fg:ansicyan", "> ")]),
        completer=FromDescription(), complete_while_typing=False, auto_suggest=AutoSuggestFromHistory(),
        history=history(), key_bindings=keys, bottom_toolbar=toolbar, style=style, reserve_space_for_menu=6,
        input=keyboard,
    )  # fmt: skip
    return session


def history():
    """What was typed in earlier sessions, from the user's cache folder; where that can't be had, of this one alone."""
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    path = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "secnode" / "talk_history"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        return FileHistory(path)
    except (OSError, RuntimeError):
        return InMemoryHistory()

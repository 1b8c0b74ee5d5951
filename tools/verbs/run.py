"""Start a node on the simulated board HOST and say how to talk to it."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

from .. import addresses, interrupts, paths
from ..build import micropython, pico
from ..emulator import host, imagined, instruments, ports, typed
from ..image import boards, image, source
from ..problem import Problem

_SERIAL = {"uart": (ports.Uart, None), "console": (None, ports.Console), "both": (ports.Uart, ports.Console)}
_SERIAL["1"] = _SERIAL["uart"]
_RATES = 9600, 921600


def add_arguments(parser):
    parser.add_argument(
        "node", nargs="?", default="example_heater", help="its name, or the path of a .py or .toml file (%(default)s)"
    )
    parser.add_argument(
        "--board", default="HOST",
        help="HOST; RPI_PICO: a chip in an emulator; or the path of a folder with your own board.py, simulated (%(default)s)",
    )  # fmt: skip
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    parser.add_argument("--port", default="10767", help="the TCP port (%(default)s)")
    parser.add_argument("--speed", default="1", help="let plant and control run this many times faster (%(default)s)")
    parser.add_argument("--clients", default="", help="how many clients are served at a time (what settings.json says, 3)")
    parser.add_argument(
        "--serial", default="", metavar="KIND",
        help="also serve a pseudo terminal, like a board's uart, its USB console, or both; 1 is uart",
    )  # fmt: skip
    parser.add_argument("--baudrate", default="115200", help="of the UART (%(default)s)")
    parser.add_argument(
        "--instrument", default="", metavar="FILE.py:CLASS",
        help="what stands for the instrument behind the board (one that answers what the node's own tables say)",
    )  # fmt: skip
    parser.add_argument("--python", default=sys.executable, help="a python3, or micropython (built on first use)")


def main(args):
    if args.board != "HOST" and not boards.is_path(args.board):
        if args.board != pico.BOARD:
            raise Problem(f"BOARD has to be HOST, {pico.BOARD} or the path of a folder of your own: no other one is simulated")
        from ..emulator import emulated  # which needs more than the standard library

        number("SPEED", args.speed, 1, 1000)
        interrupts.begin(always=True)
        return emulated.run(args)
    number("PORT", args.port, 1, 65535)
    number("SPEED", args.speed, 1, 1000)
    if args.clients:
        number("CLIENTS", args.clients, 1, 64)
    number("BAUDRATE", args.baudrate, *_RATES)
    if args.serial not in ("", "0", *_SERIAL):
        raise Problem(f"SERIAL has to be uart (or 1), console or both, not {args.serial!r}")
    interpreter = micropython.find(args.python)
    addresses.check_port(args.host, int(args.port))
    folder = image.build(args.node, args.board)
    # who is started in the background inherits that Ctrl-C is ignored; it ends this all the same
    interrupts.begin(always=True)
    typed.stay()
    uart, console = [kind and kind() for kind in _SERIAL.get(args.serial, (None, None))]
    consoles = []
    if args.instrument:
        instrument = imagined.own(args.instrument)
    else:
        instrument = imagined.behind(args.node, source.read(image.node_file(args.node)), folder)
    with foreground():
        while True:
            process = start(interpreter, folder, args, uart, console, instrument)
            try:
                host.wait_for_answer(process, args.host, int(args.port))
                consoles.append(process.stdin or open(os.devnull, "wb"))
                if len(consoles) == 1:
                    introduce(args, interpreter, uart, console, instrument)
                    threading.Thread(target=pass_on, args=(consoles, instrument), daemon=True).start()
                code = process.wait()
            except KeyboardInterrupt:
                code = end(process, console)
            finally:
                if process.poll() is None:
                    process.kill()
                    process.wait()
            # a reset leaves its cause for the start that follows
            if code != -signal.SIGKILL or not files(args)[1].exists():
                return code
            print("the board was reset, and starts again", flush=True)
            host.wait_until_free(args.host, int(args.port))


def end(process, console=None):
    """End a node as Ctrl-C does, for good; gives the exit code."""
    process.send_signal(signal.SIGINT)
    while console:
        try:
            return process.wait(0.2)
        except subprocess.TimeoutExpired:
            console.take()
    return process.wait()


def number(name, text, low, high):
    """A make variable or option that has to be a whole number."""
    if not re.fullmatch("[0-9]{1,9}", text) or not low <= int(text) <= high:
        raise Problem(f"{name} has to be a whole number from {low} to {high}, not {text!r}")


def files(args):
    """Where a node's settings are, and the cause of a reset."""
    # outside of the image, which is another one when the node was changed
    kept = paths.build_dir() / "settings" / f"{image.own_name(args.node)}-{args.port}.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept = Path(os.environ.get("SECNODE_SETTINGS", kept))
    return kept, kept.with_suffix(f".{args.port}.reset")


def start(interpreter, folder, args, uart=None, console=None, instrument=None):
    lines, more_of_it = instrument.where() if instrument else (None, {})
    kept, cause = files(args)
    more = {
        "board": "" if args.board == "HOST" else args.board,
        "baudrate": args.baudrate,
        "maintenance": kept.with_suffix(".maintenance"),
        **host.serial(uart, console, lines),
    }
    env = host.environment(args.host, args.port, args.speed, args.clients, kept, cause, **more) | more_of_it
    streams = {"stdin": console.stdin, "stdout": console.stdout} if console else {"stdin": subprocess.PIPE}
    # a session of its own: Ctrl-C reaches it through us alone, once
    process = subprocess.Popen(
        host.command(interpreter, folder), env=env, start_new_session=True, preexec_fn=host.die_with_parent,
        pass_fds=host.ends(uart, lines), **streams,
    )  # fmt: skip
    if console:
        console.process = process
    return process


def pass_on(consoles, instrument=None):
    """Hand the lines that are typed here to the board's console: the last of these. `fault instrument ...` is not its."""
    for data in lines_for(instrument) if instrument else typed.pieces():
        with contextlib.suppress(OSError):  # it has ended
            consoles[-1].write(data)
            consoles[-1].flush()
    # nobody is there any more
    with contextlib.suppress(OSError):
        consoles[-1].close()


def lines_for(instrument):
    """What is typed, without the lines that break the instrument: those are obeyed."""
    for line in typed.lines():
        words = line.split()
        if words[:2] == ["fault", "instrument"]:
            name = words[2] if len(words) == 3 else ""
            if name in instruments.FAULTS:
                instrument.fault = name
                print(f"{name}: {instruments.FAULTS[name]}", flush=True)
                continue
            print("fault instrument NAME breaks the instrument, fault instrument none mends it:")
            for name, text in instruments.FAULTS.items():
                print(f"  {name:17} {text}", flush=True)
        else:
            if words == ["fault", "none"]:
                instrument.fault = "none"
            yield line.encode() + b"\n"


def introduce(args, interpreter, uart=None, console=None, instrument=None):
    address = f"{'127.0.0.1' if args.host == '0.0.0.0' else args.host}:{args.port}"
    host, port = address.rsplit(":", 1)
    talk = f"make talk PORT={port}" if host == "127.0.0.1" and paths.CHECKOUT else f"secnode talk {address}"
    lines = ""
    if uart:
        lines += (
            f"  its UART         {uart.name}, {args.baudrate} baud: secnode talk {uart.name}, secnode bridge {uart.name},\n"
            f"                   frappy-cli 'serial://{uart.name}?baudrate={args.baudrate}',\n"
            f"                   python3 -m serial.tools.miniterm {uart.name} {args.baudrate} -e\n"
        )
    if console:
        lines += f"  its USB console  {console.name}: the same; byte 3 (Ctrl-C) ends the node there\n"
    if instrument:
        lines += f"  behind it        a simulated {instrument.name}; `fault instrument silent` here unplugs it\n"
    faults = "" if console else "`fault sensor_open` and the like here break its plant. "
    speed = f", {args.speed} times faster" if args.speed != "1" else ""
    print(
        f"{args.node} on the simulated board{speed} ({os.path.basename(interpreter)}) serves SECoP at {address}\n"
        f"\n"
        f"  in a browser     http://{address}/\n"
        f"  a ready client   {talk}\n"
        f"  in a pipe        printf '*IDN?\\ndescribe\\n' | {talk}\n"
        f"  frappy's client  frappy-cli {address}\n"
        f"{lines}"
        f"  kept settings    {files(args)[0]}\n"
        f"\n"
        f"{faults}Ctrl-C ends it, outputs off.",
        flush=True,
    )


@contextlib.contextmanager
def foreground():
    """Take Ctrl-C for ourselves alone: a make above would end with an error of its own at it."""
    group = os.getpgrp()
    if not sys.stdin.isatty() or group == os.getpid() or not typed.in_front():
        yield
        return
    old = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    try:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpgrp())
        yield
    finally:
        os.tcsetpgrp(0, group)
        os.setpgid(0, group)
        signal.signal(signal.SIGTTOU, old)

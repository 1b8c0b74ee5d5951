"""`secnode run --board RPI_PICO`: the emulated board for a person, its USB and its UART as pseudo terminals."""

import contextlib
import os
import select
import socket
import threading
import time

from .. import paths
from ..build import pico
from ..image import image
from ..problem import Problem
from . import emulator, flashed, ports, typed

_AGAIN = 0.2  # s


class Bridge(ports.Port):
    """A pseudo terminal for a TCP port of the emulator. Whoever opens it finds what comes from then on."""

    def __init__(self, board, port):
        super().__init__()
        self._address = "127.0.0.1", port
        threading.Thread(target=self._pump, daemon=True).start()

    def _pump(self):
        while True:
            with contextlib.suppress(OSError), socket.create_connection(self._address) as s:
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while True:
                    ready = select.select([s, self.end], [], [])[0]
                    if s in ready:
                        data = s.recv(4096)
                        if not data:
                            break
                        self._to_terminal(data)
                    if self.end in ready:
                        s.sendall(os.read(self.end, 4096))
            time.sleep(_AGAIN)  # the board is starting

    def _to_terminal(self, data):
        # nobody reads: the terminal holds some, the rest is lost, as on a wire
        while data and select.select([], [self.end], [], 0)[1]:
            data = data[os.write(self.end, data) :]


def run(args):
    """Start a node on the emulated board until Ctrl-C; gives the exit code."""
    flash = flashed.flash(args.node)
    kept = paths.build_dir() / "rp2040" / f"{image.own_name(args.node)}.run"
    if not kept.exists() or kept.stat().st_mtime < flash.stat().st_mtime:
        kept.write_bytes(flash.read_bytes())
    with emulator.Emulator(flashed.board_file(), kept, False, int(args.speed), node=args.node) as board:
        board.wait_for_usb()
        usb, uart = Bridge(board, board.usb), Bridge(board, board.uart)
        print(
            f"{args.node} on the emulated {pico.BOARD} serves SECoP at its USB and its UART, the plant is at its pins\n"
            f"\n"
            f"  its USB    {usb.name}: secnode talk {usb.name}, mpremote connect {usb.name}\n"
            f"  its UART   {uart.name}, 115200 baud: secnode talk {uart.name}\n"
            f"  as TCP     the same for one program: socket://127.0.0.1:{board.uart} for the UART\n"
            f"\n"
            f"`fault sensor_open` and the like here break its plant (`fault` lists all); `status`; `reset` is the button.\n"
            f"Ctrl-C ends it. What was on its flash is kept in {kept}.",
            flush=True,
        )
        with contextlib.suppress(KeyboardInterrupt):
            typed.stay()
            for line in typed.lines():
                obey(board, line.split())
            while True:  # nobody is at the terminal any more
                time.sleep(3600)
        return 0


def obey(board, words):
    """A line that was typed."""
    faults = emulator.faults()
    if words == ["reset"]:
        board.reset()
    elif words == ["status"]:
        found = board.status()
        duty = board.duty()
        print(
            f"{found['time'] / 1000:.1f} s, block {found['block']:.2f} °C, sensor {found['sensor']:.2f} °C, duty {duty:.3f}",
            flush=True,
        )
    elif len(words) in (2, 3) and words[0] == "fault":
        try:
            said = board.fault(" ".join(words[1:]))
            print(said if len(words) == 3 else f"{words[1]}: {said}", flush=True)
        except Problem as e:
            print(e, flush=True)
    elif words:
        print("fault NAME breaks a part of the plant, fault none mends it; status, reset:")
        print("".join(f"  {name:<17} {text}\n" for name, text in sorted(faults.items())), end="")
        print(board.fault(""), flush=True)

"""Show any SEC node in a browser: over TCP, USB or a serial line, by the page that boards with a network have themselves."""

import asyncio
import contextlib
import socket
import subprocess
import sys
import time

from .. import interrupts
from ..addresses import check_port
from ..client import client, serial_port, serving
from ..emulator import host
from ..image import page
from ..problem import Problem

_PORT = 8080
_START = 60  # s for a node at a serial line to answer


def add_arguments(parser):
    client.add_address(parser)
    parser.add_argument("--port", default=str(_PORT), help="the page's, at 127.0.0.1 (%(default)s); 0 takes any")


def main(args):
    if not args.port.isdecimal() or int(args.port) > 65535:
        raise Problem(f"--port has to be a whole number from 0 to 65535, not {args.port!r}")
    serving.library()
    if int(args.port):
        check_port("127.0.0.1", int(args.port), "--host ", "--port ")
    with node(args) as address:
        try:
            interrupts.run(serve(args, address))
        except KeyboardInterrupt:
            return 0


async def serve(args, address):
    panel = serving.Panel(page.html(), page.headers(), address)
    async with panel.listen(int(args.port)):
        print(f"{args.address} is shown at http://127.0.0.1:{panel.port}/; Ctrl-C ends it", flush=True)
        await asyncio.Event().wait()


@contextlib.contextmanager
def node(args):
    """The node's address of TCP, (host, port): for one at a serial line the bridge gives it one."""
    if not serial_port.is_port(args.address):
        yield client.parse_address(args.address)  # raises Problem
        return
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    command = [sys.executable, "-m", __package__.rpartition(".")[0], "bridge", args.address, "--port", str(port)]
    if args.baudrate:
        command += ["--baudrate", args.baudrate]
    bridge = subprocess.Popen(command, start_new_session=True, preexec_fn=host.die_with_parent)
    try:
        deadline = time.monotonic() + _START
        while True:
            if bridge.poll() is not None:
                raise Problem("the bridge to the serial line ended; its message is above")
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            if time.monotonic() > deadline:
                raise Problem(f"no SEC node answers at {args.address}")
            time.sleep(0.1)
        yield "127.0.0.1", port
    finally:
        bridge.terminate()
        bridge.wait()

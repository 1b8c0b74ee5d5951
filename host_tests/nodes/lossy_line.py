"""An instrument at UART 1 whose answers don't say to which question they belong: see host_tests/rp2040/test_instruments.py."""

from instruments.line import LineDevice
from instruments.tables import LineReadable, LineWritable
from secnode.node import Node

POLL = 3600, 3600, 3600, 0.3  # s; what the clients ask for is asked for by them alone


def node(board):
    device = LineDevice(board.uart("uart1", 9600), "*IDN?", "ACME,1", timeout=100)
    modules = [
        LineReadable(device, "Q%d" % i, "%7d", name="q%d" % i, description="a channel", pollinterval=POLL[i]) for i in range(4)
    ]
    modules.append(
        LineWritable(
            device,
            "SET?",
            "SET %07d",
            form="%7d",
            readback_form="%7d",
            low=0,
            high=9999999,
            name="set",
            description="to set",
            pollinterval=3600,
        )
    )
    return Node("example_org.lossy_line", "an instrument at a bad cable", modules=modules)

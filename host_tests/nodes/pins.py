"""What hangs at pins: contacts, relays, valves, transmitters and an analogue output, with models that a test can do without."""

from drivers.pin_input import PinInput
from drivers.pin_output import PinOutput
from drivers.pin_voltage import PinVoltage
from drivers.pwm_output import PWMOutput
from drivers.transmitter import CurrentLoop, VoltageSignal
from modules.analogue_output import AnalogueOutput
from modules.digital_input import DigitalInput
from modules.digital_output import DigitalOutput
from modules.quantity import Quantity
from modules.valve import Valve
from secnode.node import Node


def node(board):
    loop = CurrentLoop(PinVoltage(board.adc(26)), shunt=150, table=((4, 0), (8, 100), (20, 1000)), unit="l")
    level = VoltageSignal(PinVoltage(board.adc(27)), ratio=4, span=(2, 10), low=-50, high=50, unit="mm")
    ends = PinInput(board.pin_in(13, "up"), on=0), PinInput(board.pin_in(14, "up"), on=0)
    relay = PinOutput(board.pin_out(9, safe=1, pull_up=True), on=0)
    vent = PinOutput(board.pin_out(16, safe=1, pull_up=True), safe=True)
    return Node(
        equipment_id="pins",
        description="for tests",
        modules=(
            DigitalInput(PinInput(board.pin_in(10, "up"), on=0, debounce=50), ("open", "closed"), name="door", description="x"),
            DigitalOutput(relay, name="relay", description="active low"),
            DigitalOutput(vent, ("shut", "venting"), name="vent", description="open without power"),
            Valve(PinOutput(board.pin_out(11)), PinInput(board.pin_in(12)), travel=0.5, name="valve", description="x"),
            Valve(PinOutput(board.pin_out(15)), ends, ("in", "out", "halfway"), travel=0.5, name="arm", description="x"),
            Quantity(loop, name="loop", description="x"),
            Quantity(level, name="level", description="x"),
            AnalogueOutput(PWMOutput(board.pwm(17, 1000, safe=1, pull_up=True), 5, inverted=True), name="out", description="x"),
        ),
    )


def simulate(attach):
    attach("pin", 12, lambda level: level(11))
    attach("pin", 13, lambda level: level(15))
    attach("pin", 14, lambda level: 1 - level(15))
    attach("adc", 26, lambda level: 1.2)  # 8 mA
    attach("adc", 27, lambda level: 1.5)  # 6 V

"""A gas line: a valve that tells where it is, a door, a pressure (4-20 mA), a level (0-10 V), a flow controller (0-10 V)."""

from drivers.pin_input import PinInput
from drivers.pin_output import PinOutput
from drivers.pin_voltage import PinVoltage
from drivers.pwm_output import PWMOutput
from drivers.transmitter import CurrentLoop, VoltageSignal
from modules.analogue_output import AnalogueOutput
from modules.digital_input import DigitalInput
from modules.quantity import Quantity
from modules.valve import Valve
from secnode import VERSION
from secnode.node import Node


def node(board):
    output, contact, door = board.DIGITAL_PINS[:3]
    pressure = CurrentLoop(PinVoltage(board.adc(board.SENSOR_ADC)), shunt=100, high=10, unit="bar", what="pressure of the gas")
    level = VoltageSignal(PinVoltage(board.adc(board.OUTSIDE_ADC)), ratio=4.3, unit="%", what="level of the bath")
    flow = PWMOutput(board.pwm(board.HEATER_PIN, freq=1000), full=10, what="set point of the flow controller")
    return Node(
        equipment_id="example_org.gas_line",
        description="a gas line: a valve, what it feeds, and a door.",
        firmware="secnode " + VERSION,
        modules=(
            Valve(
                PinOutput(board.pin_out(output)),
                PinInput(board.pin_in(contact, "up"), on=0),
                name="valve",
                description="lets the gas in",
            ),
            DigitalInput(
                PinInput(board.pin_in(door, "up"), on=0), ("open", "closed"), name="door", description="door of the gas cabinet"
            ),
            Quantity(pressure, name="pressure", description="pressure behind the valve"),
            Quantity(level, name="level", description="level of the bath"),
            AnalogueOutput(flow, name="flow", description="flow controller, 0 to 10 V"),
        ),
    )


def simulate(attach):
    """For the simulated board alone."""
    import board
    from simulated.gas_line import attach_to

    attach_to(board, attach)

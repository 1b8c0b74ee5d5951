"""HOST's `machine` with the limits of a real board: what the board has not is refused, as its port refuses it.

`limit(facts, board)` puts them into place, before anything imports from `machine`.
"""

import machine


def limit(facts):
    """`facts`: those of one of facts.BOARDS."""
    taken = facts["taken"]
    frequencies = {}  # of the pins that have PWM now

    class Pin(machine.Pin):
        def __init__(self, id, mode=-1, value=None):
            number = getattr(id, "id", id)  # a Pin is taken as well
            if taken.get(number, "ethernet") != "ethernet":  # those are what board.ethernet() has
                raise ValueError(f"GPIO{number} is the {taken[number]}'s")
            if number not in facts["pins"] and number not in taken:
                raise ValueError(f"invalid pin {number}")
            if mode == machine.Pin.OUT and number not in facts["outputs"] and number not in taken:
                raise ValueError(f"GPIO{number} can't be an output")
            super().__init__(id, mode, value=value)

    class PWM(machine.PWM):
        def __init__(self, pin, freq=1000, duty_u16=0):
            low, high = facts["pwm"]
            if not low <= freq <= high:
                raise ValueError(f"frequency must be from {low} to {high} Hz")
            id = pin.id
            if facts["port"] == "rp2":
                # two channels of a slice have one frequency
                for other, frequency in frequencies.items():
                    if (other >> 1) & 7 == (id >> 1) & 7 and other != id and frequency != freq:
                        raise ValueError(f"GPIO{id} and GPIO{other} share a frequency")
            frequencies[id] = freq
            super().__init__(pin, freq, duty_u16)

        def deinit(self):
            frequencies.pop(self._pin)
            super().deinit()

    class ADC(machine.ADC):
        def __init__(self, pin, **options):
            if pin not in facts["adc"] or pin in taken:
                raise ValueError(f"GPIO{pin} has no ADC that works with Wi-Fi")
            if options and not facts["uv"]:
                raise TypeError("extra keyword arguments given")
            super().__init__(pin, **options)
            if not facts["uv"]:
                self.read_uv = None

    hardware = {}  # timers by their number: each is there once, whoever takes it last has it

    class Timer(machine.Timer):
        def __init__(self, id=-1):
            if id not in facts["timers"]:
                raise ValueError(f"Timer {id} does not exist")
            super().__init__(id)
            self.id = id

        def init(self, **options):
            if self.id in hardware:
                hardware[self.id].deinit()
            if self.id >= 0:
                hardware[self.id] = self
            super().init(**options)

    class WDT(machine.WDT):
        def __init__(self, id=0, timeout=5000):
            low, high = facts["watchdog"]
            if not low <= timeout <= high:
                raise ValueError(f"timeout must be from {low} to {high} ms")
            super().__init__(id, timeout)

    class UART(machine.UART):
        def __init__(self, id, baudrate=115200, tx=None, rx=None, **options):
            if id not in facts["uarts"]:
                raise ValueError(f"UART({id}) does not exist")
            for_tx, for_rx = facts["uarts"][id] or (facts["outputs"], facts["pins"])
            for pin, good in ((tx, for_tx), (rx, for_rx)):
                if pin not in good or pin in taken:
                    raise ValueError(f"bad pin {pin}")
            super().__init__(id, baudrate, **options)

    for limited in (Pin, PWM, ADC, Timer, WDT, UART):
        setattr(machine, limited.__name__, limited)

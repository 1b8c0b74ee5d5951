"""A state machine of an RP2040's PIO, cycle for cycle, and `rp2` with it: of its instructions what the drivers have.

Source: RP2040 datasheet, chapter 3.4.
"""

_REGISTERS = {1: "x", 2: "y", 3: None, 6: "isr", 7: "osr"}


class _Instruction:
    """One while it is assembled: [n] gives it a delay, side(n) a level of the side-set pin."""

    def __init__(self, *what):
        self.what = what
        self.delay = 0
        self.level = None

    def __getitem__(self, cycles):
        self.delay = cycles
        return self

    def side(self, level):
        self.level = level
        return self


def assembled(function):
    """(program, labels) of a function that rp2.asm_pio decorates."""
    program = []
    labels = {}

    def add(*what):
        program.append(_Instruction(*what))
        return program[-1]

    names = {
        "jmp": lambda condition, target=None: add("jmp", condition if target else None, target or condition),
        "mov": lambda to, source: add("mov", to, source),
        "pull": lambda how: add("pull"),
        "out": lambda to, bits: add("out", to, bits),
        "label": lambda name: labels.__setitem__(name, len(program)),
    }
    for name in ("x", "y", "osr", "isr", "pin", "x_dec", "y_dec", "block"):
        names[name] = name
    kept = dict(function.__globals__)
    function.__globals__.update(names)
    try:
        function()
    finally:
        for name in names:
            del function.__globals__[name]
            if name in kept:
                function.__globals__[name] = kept[name]
    return program, labels


class StateMachine:
    """With an input that changes at the cycles in `edges`, and an output: `rises` has the cycles at which it rose."""

    last = None

    def __init__(self, number, program=None, freq=-1, **options):
        assert 0 <= number < 8
        StateMachine.last = self
        self.cycle = 0
        self.edges = []
        self.level = self.edge = self.out = 0
        self.rises = []
        if program:
            self.init(program, freq, **options)

    def init(self, program, freq=-1, jmp_pin=None, sideset_base=None):
        self.freq = freq
        self.program, self.labels = program
        self.x = self.y = self.osr = self.isr = self.at = self.on = self.out = self.wait = 0
        self.pushed = []
        self.fifo = []

    def active(self, on):
        if not on:
            self.run(self.cycle + 3)  # a processor is no faster
        self.on = on

    def put(self, word):
        assert len(self.fifo) < 4, "the processor would wait"
        self.fifo.append(word)

    def tx_fifo(self):
        return len(self.fifo)

    def exec(self, instruction):
        """As the processor has it carried out, between two others."""
        if instruction == 0x8020:
            self.pushed.append(self.isr)
            return
        assert instruction >> 13 == 5 and not instruction >> 8 & 31
        source = _REGISTERS[instruction & 7]
        value = getattr(self, source) if source else 0
        if instruction >> 3 & 3 == 1:
            value = ~value & 0xFFFFFFFF
        setattr(self, _REGISTERS[instruction >> 5 & 7], value)

    def get(self):
        (value,) = self.pushed
        self.pushed = []
        return value

    def run(self, until):
        """Carry out instructions up to a cycle."""
        while self.cycle < until:
            if not self.on:
                self.cycle = until
                return
            while self.edge < len(self.edges) and self.edges[self.edge] <= self.cycle:
                self.level ^= 1
                self.edge += 1
            instruction = self.program[self.at]
            if instruction.level is not None:
                if instruction.level and not self.out:
                    self.rises.append(self.cycle)
                self.out = instruction.level
            self.cycle += 1 + instruction.delay
            kind, a, b = (instruction.what + (None, None))[:3]
            if kind == "pull":
                if not self.fifo:
                    continue
                self.osr = self.fifo.pop(0)
            elif kind == "out":
                setattr(self, a, self.osr & (1 << b) - 1)
                self.osr >>= b
            elif kind == "mov":
                setattr(self, a, getattr(self, b))
            else:
                taken = True
                if a == "pin":
                    taken = self.level == 1
                elif a:
                    taken = getattr(self, a[0]) != 0
                    setattr(self, a[0], (getattr(self, a[0]) - 1) & 0xFFFFFFFF)
                if taken:
                    self.at = self.labels[b]
                    continue
            self.at = (self.at + 1) % len(self.program)


class _PIO:
    OUT_LOW = SHIFT_RIGHT = 0


class RP2:
    """To be had as `rp2`."""

    StateMachine = StateMachine
    PIO = _PIO

    @staticmethod
    def asm_pio(**options):
        return assembled

// What level a pin of the chip has: what drives it, else what pulls it. The emulator's own pins read 0 whatever is on them.

const PULLED_UP = 3; // of a pin's state, by its own resistor
const DRIVEN = 2; // states below are levels

export class Wires {
  // `pulls`: pin -> 0 or 1, where a resistor of the board or of what is wired to it pulls the line, against the chip's weak one
  constructor(pulls) {
    this.pulls = pulls;
  }

  // wire a chip that was just made
  attach(chip) {
    for (const pin of chip.gpio) {
      pin.addListener(() => this.settle(pin));
      this.settle(pin);
    }
  }

  settle(pin) {
    pin.setInputValue(!!this.level(pin));
  }

  level(pin) {
    const { index, value } = pin;
    return value < DRIVEN ? value : this.pulls[index] ?? (value === PULLED_UP ? 1 : 0);
  }
}

// What level a pin of the chip has: what the chip drives, else what is wired to it, else what pulls it. The emulator's own pins read 0
// whatever is on them.

const PULLED_UP = 3; // of a pin's state, by its own resistor
const DRIVEN = 2; // states below are levels
export const FAULTS = { none: null, low: 0, high: 1, stuck: undefined }; // what a pin is shorted to

export class Wires {
  // `pulls`: pin -> 0 or 1, where a resistor of the board or of what is wired to it pulls the line, against the chip's weak one
  constructor(pulls) {
    this.pulls = { ...pulls };
    this.low = new Set(); // pins that something wired to them pulls low
    this.fed = {}; // pin -> the level that something wired to it gives
    this.shorted = {}; // pin -> the level of what it is shorted to
    this.watchers = {}; // pin -> function that is told when something happens at it
  }

  // wire a chip that was just made, and then `buses` to it
  attach(chip, buses) {
    this.chip = chip;
    this.low.clear();
    buses.forEach((bus) => bus.attach(chip));
    for (const pin of chip.gpio) {
      pin.addListener(() => this.settle(pin.index));
      this.settle(pin.index);
    }
  }

  settle(index) {
    this.chip.gpio[index].setInputValue(!!this.level(index));
    this.watchers[index]?.();
  }

  level(index) {
    const { value } = this.chip.gpio[index];
    if (index in this.shorted) {
      return this.shorted[index];
    }
    if (value < DRIVEN) {
      return value;
    }
    return this.low.has(index) ? 0 : this.fed[index] ?? this.pulls[index] ?? (value === PULLED_UP ? 1 : 0);
  }

  // the level that the chip itself drives, null where it does not
  driven(index) {
    const { value } = this.chip.gpio[index];
    return value < DRIVEN ? value : null;
  }

  // something wired to a pin pulls it low, or lets it go
  pull(index, low) {
    if (low !== this.low.has(index)) {
      this.low[low ? 'add' : 'delete'](index);
      this.settle(index);
    }
  }

  feed(index, level) {
    if (this.fed[index] !== level) {
      this.fed[index] = level;
      this.settle(index);
    }
  }

  short(index, fault) {
    delete this.shorted[index];
    if (fault !== 'none') {
      this.shorted[index] = FAULTS[fault] ?? this.level(index);
    }
    this.settle(index);
  }
}

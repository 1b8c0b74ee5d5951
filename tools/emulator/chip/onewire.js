// A 1-Wire bus: pulses of the chip at a pin, and what the models make of the line.

const RESET = 240e3; // ns from which on a pulse is a reset
const SHORT = 15e3; // up to which it is a 1, or wants to read
const HOLD = 30e3; // for which a 0 is shown, from its begin on
const WAITS = 30e3; // until a chip says that it is there
const PRESENT = 120e3;

export class OneWire {
  // `bus`: the pin
  constructor(bus, wires, models) {
    Object.assign(this, bus);
    this.wires = wires;
    this.models = models;
    this.fault = null;
    wires.pulls[bus.pin] = 1;
    wires.watchers[bus.pin] = () => this.look();
  }

  attach(chip) {
    const { wires, pin } = this;
    this.chip = chip;
    this.pulse = false;
    this.begins = chip.clock.createAlarm(() => {
      wires.pull(pin, true);
      this.ends.schedule(PRESENT);
    });
    this.ends = chip.clock.createAlarm(() => wires.pull(pin, this.fault === 'stuck'));
    this.broken(this.fault);
  }

  broken(fault) {
    this.fault = fault;
    this.wires.pull(this.pin, fault === 'stuck');
  }

  look() {
    const pulse = this.wires.driven(this.pin) === 0;
    if (pulse === this.pulse) {
      return;
    }
    this.pulse = pulse;
    const { nanos } = this.chip.clock;
    if (pulse) {
      this.since = nanos;
      return;
    }
    const width = nanos - this.since;
    if (this.fault === 'stuck') {
      return;
    }
    if (width > RESET) {
      if (this.models.ask('wire_reset', this.pin)) {
        this.begins.schedule(WAITS);
      }
    } else if (!this.models.ask('wire_slot', this.pin, width < SHORT ? 1 : 0) && width < HOLD) {
      this.wires.pull(this.pin, true);
      this.ends.schedule(HOLD - width);
    }
  }
}

// An I2C bus: the chip's peripheral, and the same lines driven as plain pins, with models at them, which hear whole messages.

const IC_ENABLE = 0x6c;
const TX_EMPTY = 1 << 4; // of the interrupts
const STOP_DET = 1 << 9;
const IDLE = 0; // of the emulator's states
const STOPPING = 4;
const AGAIN = 0.1e6; // ns between two looks at a line that is held
const STRETCHED = 0.3e6; // ns
const CLOCKS = 9; // that free a chip which holds SDA

// What the models hear and say, byte by byte.
class Target {
  constructor(models, id) {
    this.models = models;
    this.id = id;
    this.heard = this.said = null;
  }

  // an address after a start: whether it is acknowledged. A message that had no stop ends here
  connect(address, reads) {
    const refused = !this.end();
    this.address = address;
    if (refused) {
      return false;
    }
    if (!reads) {
      this.heard = this.models.ask('i2c_there', this.id, address) ? [] : null;
      return this.heard !== null;
    }
    this.said = this.models.ask('i2c_read', this.id, address);
    this.at = 0;
    return this.said !== null;
  }

  // whether a byte is acknowledged; of a message it is the last one that tells
  write(byte, last) {
    this.heard?.push(byte);
    return last ? this.end() : this.heard !== null;
  }

  read() {
    return this.said?.[this.at++] ?? 0xff;
  }

  end() {
    const { heard, said } = this;
    this.heard = this.said = null;
    if (said) {
      this.models.ask('i2c_taken', this.id, this.address, this.at);
    }
    return heard ? this.models.ask('i2c_write', this.id, this.address, heard) : true;
  }
}

export class I2C {
  // `bus`: its id, and the pins scl and sda
  constructor(bus, wires, models) {
    Object.assign(this, bus);
    this.wires = wires;
    this.target = new Target(models, bus.id);
    this.fault = null;
    wires.pulls[bus.scl] = wires.pulls[bus.sda] = 1;
    wires.watchers[bus.scl] = wires.watchers[bus.sda] = () => this.lines();
  }

  attach(chip) {
    this.chip = chip;
    this.target.heard = this.target.said = null;
    this.peripheral(chip.i2c[this.id]);
    this.apply();
    [this.clock, this.data] = [this.wires.level(this.scl), this.wires.level(this.sda)];
    this.active = false;
    this.n = 0;
  }

  // of the bus: null, or what chips.py has it for
  broken(fault) {
    this.fault = fault;
    this.falls = 0;
    this.apply();
  }

  apply() {
    this.wires.pull(this.sda, ['stuck', 'held'].includes(this.fault));
  }

  // ---- the peripheral, with the time that bits take

  peripheral(p) {
    const { chip, target } = this;
    const alarm = chip.clock.createAlarm(() => this.next());
    const after = (bits, next, more = 0) => {
      this.next = next;
      alarm.schedule((bits * (p.sclHighPeriod + p.sclLowPeriod) * 1e9) / chip.clkSys + more);
    };
    const free = () => this.wires.level(this.scl) && this.wires.level(this.sda);
    const start = () => (free() ? p.completeStart() : after(0, start, AGAIN));
    const told = (complete) => {
      complete();
      if (p.txFIFO.empty && (!p.busy || p.state === STOPPING)) {
        p.setInterrupts(TX_EMPTY); // when the last byte has left, not when it is taken from the FIFO
      }
    };
    const stopped = () => {
      target.end();
      p.completeStop();
    };
    p.onStart = (restart) => after(1, restart ? () => p.completeStart() : start);
    p.onConnect = (address, mode) => {
      const answer = () => told(() => p.completeConnect(target.connect(address, mode === 1)));
      after(9, this.fault === 'stretched' ? () => after(0, answer, STRETCHED) : answer);
    };
    p.onWriteByte = (byte) => after(9, () => told(() => p.completeWrite(target.write(byte, p.stop))));
    p.onReadByte = () => after(9, () => told(() => p.completeRead(target.read())));
    p.onStop = () => after(1, stopped);
    const next = p.nextCommand.bind(p);
    p.nextCommand = () => {
      next();
      if (p.busy) {
        p.clearInterrupts(TX_EMPTY);
      }
    };
    const write = p.writeUint32.bind(p);
    p.writeUint32 = (offset, value) => {
      if (offset === IC_ENABLE && !(value & 1) && p.busy) {
        // what is under way ends here, whatever it waits for
        alarm.cancel();
        target.end();
        p.state = IDLE;
        p.busy = p.stop = p.pendingRestart = false;
        p.setInterrupts(STOP_DET);
      }
      write(offset, value);
    };
  }

  // ---- the same as bits, where the pins are driven as plain ones

  lines() {
    const [clock, data] = [this.wires.level(this.scl), this.wires.level(this.sda)];
    const before = [this.clock, this.data];
    [this.clock, this.data] = [clock, data];
    if (clock && before[0]) {
      if (data !== before[1]) {
        this.active = !data; // a start, or a stop
        if (data) {
          this.target.end();
        }
        this.n = this.byte = 0;
        this.sends = null; // nothing: it hears an address
        this.addressed = false;
      }
    } else if (clock) {
      this.rise(data);
    } else if (before[0]) {
      this.fall();
    }
  }

  rise(data) {
    if (this.active && this.n < 8) {
      this.byte = ((this.byte << 1) | data) & 0xff;
    } else if (this.active && this.sends !== null && data) {
      this.active = false; // it was the last byte that is wanted
    }
    this.n++;
  }

  fall() {
    if (this.fault === 'held' && ++this.falls >= CLOCKS) {
      this.broken(null);
      this.target.models.ask('mended', this.name);
    }
    if (!this.active) {
      this.apply();
      return;
    }
    let low = false;
    if (this.n === 8 && this.sends === null) {
      low = this.hear();
      this.active = low;
    } else if (this.n === 9) {
      this.n = this.byte = 0;
      this.sends = this.reads ? this.target.read() : null;
    }
    if (this.n < 8 && this.sends !== null) {
      low = !((this.sends >> (7 - this.n)) & 1);
    }
    this.wires.pull(this.sda, low || this.fault === 'stuck');
  }

  // whether a byte that came is acknowledged
  hear() {
    if (this.addressed) {
      return this.target.write(this.byte);
    }
    this.addressed = true;
    this.reads = !!(this.byte & 1);
    if (this.fault === 'stretched') {
      this.wires.pull(this.scl, true);
      this.chip.clock.createAlarm(() => this.wires.pull(this.scl, false)).schedule(STRETCHED);
    }
    return this.target.connect(this.byte >> 1, this.reads);
  }
}

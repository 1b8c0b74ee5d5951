// The RP2040's UART (PL011) with what a program on it feels: FIFOs of 32 bytes, their thresholds, the receive time-out, the
// time that a byte takes on the line, bytes that are lost where nobody reads. Takes the place of the emulator's own.

const DR = 0x00, RSR = 0x04, FR = 0x18, IBRD = 0x24, FBRD = 0x28, LCR_H = 0x2c, CR = 0x30, IFLS = 0x34, IMSC = 0x38,
  RIS = 0x3c, MIS = 0x40, ICR = 0x44, DMACR = 0x48;
const TXFE = 1 << 7, RXFF = 1 << 6, TXFF = 1 << 5, RXFE = 1 << 4, BUSY = 1 << 3; // of FR
const OE = 1 << 11, FE = 1 << 8; // of DR
const RX = 1 << 4, TX = 1 << 5, RT = 1 << 6; // interrupts
const FEN = 1 << 4, UARTEN = 1, TXE = 1 << 8, RXE = 1 << 9;
const SIZE = 32;
const LEVELS = [4, 8, 16, 24, 28];
const SILENCE = 32; // bits until what waits in the FIFO is told
const BITS = 10; // of a byte on the line, 8N1
const UNSET = 9600; // baud, before the chip has set any
const ROOM = 16 * 1024; // bytes from the other end that wait, in the PC

export class Uart {
  // `rate` is the line's: who is set to another one hears and says rubbish. Null: the other end has the chip's
  constructor(chip, irq, rate) {
    this.chip = chip;
    this.irq = irq;
    this.given = rate;
    this.rx = [];
    this.tx = [];
    this.input = [];
    this.lost = 0;
    this.registers = { [IBRD]: 0, [FBRD]: 0, [LCR_H]: 0, [CR]: RXE | TXE, [IFLS]: 0x12, [IMSC]: 0, [DMACR]: 0, [RSR]: 0 };
    this.raw = 0;
    this.shifting = false;
    this.arriving = false;
    this.onByte = () => {};
    this.arrival = chip.clock.createAlarm(() => this.arrive());
    this.silence = chip.clock.createAlarm(() => this.raise(RT));
    this.shift = chip.clock.createAlarm(() => this.shifted());
  }

  get deep() {
    return this.registers[LCR_H] & FEN ? SIZE : 1;
  }

  get baud() {
    const divider = this.registers[IBRD] + this.registers[FBRD] / 64;
    return divider ? this.chip.clkPeri / (16 * divider) : this.given ?? UNSET;
  }

  get rate() {
    return this.given ?? this.baud;
  }

  // bytes from the other end; gives whether there is room for more
  feed(bytes) {
    for (const byte of bytes) {
      this.input.push(byte);
    }
    if (this.input.length && !this.arriving) {
      this.arriving = true;
      this.arrival.schedule((BITS * 1e9) / this.rate);
    }
    return this.input.length < ROOM;
  }

  arrive() {
    let byte = this.input.shift();
    this.arriving = this.input.length > 0;
    if (this.arriving) {
      this.arrival.schedule((BITS * 1e9) / this.rate);
    } else {
      this.onRoom?.();
    }
    if ((this.registers[CR] & (UARTEN | RXE)) !== (UARTEN | RXE)) {
      return;
    }
    if (Math.abs(this.baud / this.rate - 1) > 0.03) {
      byte = (byte ^ 0x5a) | FE;
    }
    if (this.rx.length >= this.deep) {
      this.lost++;
      this.overrun = true; // the next one that is read tells it
    } else {
      this.rx.push(byte);
      if (this.rx.length >= this.receiveLevel()) {
        this.raise(RX);
      }
    }
    this.silence.schedule((SILENCE * 1e9) / this.baud);
  }

  receiveLevel() {
    return this.deep === 1 ? 1 : LEVELS[(this.registers[IFLS] >> 3) & 7] ?? 16;
  }

  sendLevel() {
    return this.deep === 1 ? 0 : LEVELS[this.registers[IFLS] & 7] ?? 16;
  }

  raise(bits) {
    this.raw |= bits;
    this.check();
  }

  lower(bits) {
    this.raw &= ~bits;
    this.check();
  }

  check() {
    this.chip.setInterrupt(this.irq, !!(this.raw & this.registers[IMSC]));
  }

  begin() {
    if (!this.shifting && this.tx.length) {
      this.shifting = true;
      this.byte = this.tx.shift();
      this.shift.schedule((BITS * 1e9) / this.baud);
      if (this.tx.length === this.sendLevel()) {
        this.raise(TX);
      }
    }
  }

  shifted() {
    this.shifting = false;
    this.onByte(Math.abs(this.baud / this.rate - 1) > 0.03 ? this.byte ^ 0x5a : this.byte);
    this.begin();
  }

  readUint32(offset) {
    switch (offset) {
      case DR: {
        let value = this.rx.shift() ?? 0;
        if (this.overrun) {
          value |= OE;
          this.overrun = false;
        }
        if (this.rx.length < this.receiveLevel()) {
          this.raw &= ~RX;
        }
        if (this.rx.length) {
          this.silence.schedule((SILENCE * 1e9) / this.baud);
        } else {
          this.silence.cancel();
          this.raw &= ~RT;
        }
        this.check();
        return value;
      }
      case FR:
        return (
          (this.tx.length ? 0 : TXFE) | (this.rx.length >= this.deep ? RXFF : 0) | (this.tx.length >= this.deep ? TXFF : 0) |
          (this.rx.length ? 0 : RXFE) | (this.shifting ? BUSY : 0)
        );
      case RIS:
        return this.raw;
      case MIS:
        return this.raw & this.registers[IMSC];
      default:
        return this.registers[offset] ?? 0;
    }
  }

  writeUint32(offset, value) {
    switch (offset) {
      case DR:
        if ((this.registers[CR] & (UARTEN | TXE)) === (UARTEN | TXE) && this.tx.length < this.deep) {
          this.tx.push(value & 0xff);
          if (this.tx.length > this.sendLevel()) {
            this.lower(TX);
          }
          this.begin();
        }
        break;
      case ICR:
        this.lower(value);
        break;
      case IMSC:
        this.registers[IMSC] = value & 0x7ff;
        this.check();
        break;
      case LCR_H:
        this.registers[LCR_H] = value & 0xff;
        if (!(value & FEN)) {
          this.rx.length = Math.min(this.rx.length, 1);
        }
        break;
      default:
        if (offset in this.registers) {
          this.registers[offset] = value;
        }
    }
  }

  // as every peripheral: aliases that set, clear and toggle bits
  writeUint32Atomic(offset, value, kind) {
    const old = kind ? this.readUint32(offset) : 0;
    this.writeUint32(offset, [value, old ^ value, old | value, old & ~value][kind]);
  }
}

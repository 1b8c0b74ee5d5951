// The emulated board: the chip with its ROM, what is in its flash, a PC at its USB, its UART, and the plant at its pins. Time is
// the chip's: it passes as fast as the wall's where the chip waits, slower where it computes. Or in steps: it stands still but
// while advance() is under way, and then passes as fast as the PC can.

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { fasten } from './core.js';
import { I2C } from './i2c.js';
import { Models } from './models.js';
import { OneWire } from './onewire.js';
import { Plant, counts } from './plant.js';
import { Ppp } from './ppp.js';
import { Rom } from './rom.js';
import { SPI } from './spi.js';
import { Pc, TICK } from './tcp.js';
import { Uart } from './uart.js';
import { Host } from './usb.js';
import { FAULTS, Wires } from './wires.js';

const XIP = 0x10000000;
const STACK = 0x20042000;
const FLASH = 2 * 1024 * 1024;
const FIRST_ADC = 26;
const ERASE = 45e6; // ns for a sector, interrupts off: W25Q16JV, typical
const PROGRAM = 0.4e6; // ns for a page
const PAGE = 256;
const SLICE = 8; // ms of the wall's time that are computed at once
const AHEAD = 0.2e6; // ns that the chip's time may be ahead of the wall's
const BEHIND = 20e6; // ns that are made up for; what is lost beyond is lost
const UARTS = [0x40034, 0x40038];
const UART_IRQ = 20;
const PWM_FUNCTION = 4;
const PSM = 0x40010;
const OTHER_CORE = 1 << 16;
const FIFO_STATUS = 0x50;
const FIFO_WRITABLE = 2;
const FIFO_READ = 0x58;
const SUPPLY = 0x40064;
const CHIP_RESET = 0x08;
const HAD_POR = 1 << 8;
const HAD_RUN = 1 << 16;
const PC = [192, 168, 7, 1]; // on a chip's network
const ITS = [192, 168, 7, 2];
const SILENCE = 35; // bits: 3.5 bytes, as Modbus has it
const FED = 5e6; // ns between two looks at what models give to inputs

export class Board {
  // options: module (of the emulator), flash (Uint8Array), pins {heater, sensor, outside, uart}, plant, baudrate, models
  // {read, write}, file descriptors, speed, in steps where that is 0, network (whether the
  // other UART is one)
  static async make(options) {
    const require = createRequire(pathToFileURL(options.module + '/'));
    return new Board(await import(pathToFileURL(require.resolve('rp2040js').replace('/cjs/', '/esm/'))), options);
  }

  constructor(emulator, { flash, pins, plant, baudrate, models, speed, network }) {
    this.emulator = emulator;
    this.flash = flash;
    this.pins = pins;
    this.baudrate = baudrate;
    this.plant = new Plant(plant);
    this.rom = new Rom(this);
    this.usb = new Host();
    this.pc = network ? new Pc(PC, ITS, (packet) => this.powered && this.ppp.packet(packet)) : null;
    this.wires = new Wires({ [pins.heater]: 0 });
    this.models = new Models(models, () => this.known());
    this.elapsed = 0; // ns before the last start
    this.starts = 0;
    this.powered = false;
    this.idle = 0; // ns in which it waited
    this.lastHigh = this.highTime = this.lastLow = 0; // ns, of the heater's pin
    this.goal = null; // ns
    this.stopped = false;
    this.cut = null;
    this.operations = 0; // of the flash
    this.journal = null; // what they did, where somebody wants to know
    this.onEvent = () => {};
    this.pace(speed);
    const { i2c, spi, onewire, inputs, adcs } = this.models.wired;
    this.buses = [[I2C, i2c], [SPI, spi], [OneWire, onewire]].flatMap(([Kind, them]) =>
      them.map((bus) => new Kind(bus, this.wires, this.models)),
    );
    this.inputs = inputs;
    this.adcs = adcs;
  }

  get now() {
    return this.elapsed + (this.powered ? this.chip.clock.nanos : 0);
  }

  // ---- power and reset

  on() {
    if (!this.powered) {
      this.cause = HAD_POR;
      this.start(0, new Uint32Array(8));
    }
  }

  // `power`: what hangs on the board loses its supply as well
  off(power = true) {
    if (this.powered) {
      this.look();
      this.elapsed = this.now;
      this.powered = false;
      this.edge(false);
      if (power) {
        this.models.ask('off');
      }
      this.onEvent('off');
      clearTimeout(this.timer);
    }
  }

  // as the pin RUN or the watchdog does it; `reason` and `scratch` are what the watchdog keeps
  reset(reason = 0, scratch = new Uint32Array(8)) {
    if (!reason) {
      this.cause = HAD_RUN; // the watchdog leaves it as it is
    }
    this.off(false);
    this.start(reason, scratch);
  }

  bootloader() {
    this.onEvent('bootloader');
    this.off(false);
  }

  start(reason, scratch) {
    this.cut = null;
    const chip = new this.emulator.RP2040();
    this.chip = chip;
    chip.logger = { debug() {}, info() {}, warn() {}, error: (name, text) => this.onEvent('emulator', `${name}: ${text}`) };
    this.rom.install(chip);
    chip.flash = this.flash;
    chip.flash16 = new Uint16Array(this.flash.buffer);
    chip.flashView = new DataView(this.flash.buffer);
    chip.onBreak = (n) => {
      if (!this.rom.serve(n)) {
        this.onEvent('stuck', `breakpoint at 0x${chip.core.PC.toString(16)}, called from 0x${chip.core.LR.toString(16)}`);
        this.stuck = true;
      }
    };
    this.stuck = false;
    const watchdog = chip.peripherals[0x40058];
    watchdog.reason = reason;
    watchdog.scratchData.set(scratch);
    const supply = chip.peripherals[SUPPLY];
    const readSupply = supply.readUint32.bind(supply);
    supply.readUint32 = (offset) => (offset === CHIP_RESET ? this.cause : readSupply(offset));
    watchdog.onWatchdogTrigger = () => {
      watchdog.alarm.enable = watchdog.timer.enable = false; // at 0 it would ring for ever
      this.resetting = [watchdog.reason, watchdog.scratchData.slice()];
    };
    chip.adc.onADCRead = (channel) => {
      chip.adc.cs &= ~4; // one conversion was started: the bit clears itself
      chip.adc.channelValues[channel] = this.convert(channel);
      chip.adc.currentChannel = channel;
      chip.adc.sampleAlarm.schedule(chip.adc.sampleTime * 1000);
    };
    const rates = UARTS.map((_, i) => (i === this.pins.uart ? this.baudrate : null)); // an instrument is set as the chip is
    this.uart = UARTS.map((address, i) => (chip.peripherals[address] = new Uart(chip, UART_IRQ + i, rates[i])));
    chip.uart = this.uart.map((uart) => Object.assign(uart, { clkPeriChanged() {} }));
    this.uart[this.pins.uart].onByte = (byte) => this.onUart?.(byte);
    this.uart[this.pins.uart].onRoom = () => this.onUartRoom?.();
    this.line = this.uart[1 - this.pins.uart];
    this.line.onByte = (byte) => this.hear(byte);
    this.line.onRoom = () => this.onLineRoom?.();
    this.heard = [];
    if (this.pc) {
      this.join(chip);
    }
    this.lineSilence = chip.clock.createAlarm(() => this.onLine?.(Buffer.from(this.heard.splice(0))));
    const pin = chip.gpio[this.pins.heater];
    pin.addListener(() => this.edge(pin.value === 1));
    this.wires.attach(chip, this.buses);
    this.feed(chip);
    this.usb.attach(chip);
    this.otherCore(chip);
    chip.core.registers.fill(0);
    chip.core.SP = STACK;
    chip.core.PC = XIP;
    this.fast = fasten(chip);
    this.powered = true;
    this.starts++;
    this.looked = this.now;
    this.high = false;
    this.pace(this.speed);
    this.onEvent('start', { reason });
    if (this.speed || this.goal !== null) {
      this.later(0);
    }
  }

  // the network, where it has one, is behind the other UART
  join(chip) {
    this.ppp = new Ppp(PC, ITS, (bytes) => this.unplugged || this.line.feed(bytes), (packet) => this.pc.take(packet));
    this.line.onByte = (byte) => this.unplugged || this.ppp.feed(byte);
    const alarm = chip.clock.createAlarm(() => {
      this.pc.tick();
      alarm.schedule(TICK);
    });
    alarm.schedule(TICK);
  }

  // a byte to the instrument at the other UART, which hears what came once the line is silent, as one piece
  hear(byte) {
    this.heard.push(byte);
    this.lineSilence.schedule((SILENCE * 1e9) / this.line.rate);
  }

  // bytes from that instrument, so many ns later
  say(bytes, nanos) {
    if (this.powered) {
      const { line } = this;
      this.chip.clock.createAlarm(() => line.feed(bytes)).schedule(nanos);
    }
  }

  // the other core runs nothing; coming out of its reset it says 0, once
  otherCore(chip) {
    let said = false;
    const psm = chip.peripherals[PSM];
    const write = psm.writeUint32.bind(psm);
    psm.writeUint32 = (offset, value) => {
      const before = psm.frceOff;
      write(offset, value);
      said ||= !!(before & ~psm.frceOff & OTHER_CORE);
    };
    const read = chip.sio.readUint32.bind(chip.sio);
    chip.sio.readUint32 = (offset) => {
      if (offset === FIFO_READ) {
        said = false;
        return 0;
      }
      return offset === FIFO_STATUS ? FIFO_WRITABLE | (said ? 1 : 0) : read(offset);
    };
  }

  // ---- pins

  // the level on the heater's pin changes
  edge(high) {
    if (high !== this.high) {
      if (this.powered) {
        this.look();
      }
      this.high = high;
      this[high ? 'lastLow' : 'lastHigh'] = this.now;
      if (high) {
        this.roseAt = this.now;
      }
    }
  }

  // bring the plant up to now
  look() {
    const now = this.now;
    if (now > this.looked) {
      const seconds = (now - this.looked) / 1e9;
      this.plant.advance(seconds, this.high ? 1 : 0);
      this.highTime += this.high ? now - this.looked : 0;
      this.looked = now;
    }
  }

  convert(channel) {
    this.look();
    const pin = FIRST_ADC + channel;
    if (this.adcs.includes(pin)) {
      return counts(this.models.ask('adc', pin) + this.plant.noise());
    }
    if (pin === this.pins.sensor) {
      return counts(this.plant.sensorRatio());
    }
    return pin === this.pins.outside ? counts(this.plant.outsideRatio()) : 0;
  }

  // what models have to know
  known() {
    if (this.powered) {
      this.look();
    }
    const outputs = this.powered && this.inputs?.length + this.adcs?.length ? this.outputs() : {};
    return { ms: this.now / 1e6, hot: this.plant.sensor, outside: this.plant.outside(), levels: outputs };
  }

  // 0 to 1 by pin
  outputs() {
    const { pwm } = this.chip;
    const found = {};
    for (const { index, value, functionSelect } of this.chip.gpio) {
      if (value < 2) {
        const { cc, top } = pwm.channels[(index >> 1) & 7];
        found[index] = functionSelect === PWM_FUNCTION ? Math.min((index & 1 ? cc >>> 16 : cc & 0xffff) / (top + 1), 1) : value;
      }
    }
    return found;
  }

  // inputs that have models
  feed(chip) {
    const { inputs } = this;
    if (inputs.length) {
      const alarm = chip.clock.createAlarm(() => {
        this.models.ask('pins', inputs).forEach((level, i) => this.wires.feed(inputs[i], level));
        alarm.schedule(FED);
      });
      alarm.schedule(FED);
    }
  }

  // break a part of the plant, a pin, a bus or a chip, or with "none" mend everything; gives what there is to say, "" where that is
  // for the caller to know. Without a name it is what buses and chips there are
  fault(name) {
    const words = name.split(' ').filter(Boolean);
    const [what, how] = words;
    const pin = /^pin(\d+)$/.exec(what);
    if (pin && how in FAULTS && pin[1] in this.chip.gpio) {
      this.wires.short(Number(pin[1]), how);
      return '';
    }
    const { known, said, broken } = this.models.ask('fault', words);
    if (how && !known) {
      throw new Error(`there is nothing to break that is called ${name}`);
    }
    if (what && !how) {
      this.plant.fault(name);
    }
    if (what === 'none') {
      Object.keys(this.wires.shorted).forEach((pin) => this.wires.short(Number(pin), 'none'));
    }
    this.buses.forEach((bus) => bus.broken(broken[bus.name] ?? null));
    return said;
  }

  // the level at each GPIO that is driven, 0 or 1; null where it is an input
  levels() {
    return this.chip.gpio.map(({ value }) => (this.powered && value < 2 ? value : null));
  }

  status() {
    this.look();
    const { chip, pins } = this;
    const pwm = this.powered && chip.gpio[pins.heater].functionSelect === PWM_FUNCTION;
    return {
      time: this.now / 1e6, idle: this.idle / 1e6, starts: this.starts, powered: this.powered, stuck: this.stuck,
      high: this.powered && this.high, last_high: (this.high ? this.now : this.lastHigh) / 1e6, high_time: this.highTime / 1e6,
      pwm, usb: this.powered && this.usb.configured, block: this.plant.block, sensor: this.plant.sensor, broken: this.plant.broken,
      flash_operations: this.operations, uart_lost: this.powered ? this.uart[pins.uart].lost : 0,
    };
  }

  // ---- flash; with interrupts off, as the chip does it

  erase(offset, n) {
    this.change(offset, new Uint8Array(n).fill(0xff), (old, wanted) => wanted, ERASE);
  }

  program(offset, bytes) {
    for (let i = 0; i < bytes.length; i += PAGE) {
      this.change(offset + i, bytes.subarray(i, i + PAGE), (old, wanted) => old & wanted, PROGRAM);
    }
  }

  change(offset, bytes, how, nanos) {
    if (!this.powered) {
      return;
    }
    this.operations++;
    this.journal?.push({ offset, before: this.flash.slice(offset, offset + bytes.length), bytes: bytes.slice(), how });
    let n = bytes.length;
    const cut = this.cut !== null && --this.cut.operations < 0;
    if (cut) {
      n = Math.floor(n * this.cut.share);
      this.cut = null;
    }
    for (let i = 0; i < n; i++) {
      this.flash[offset + i] = how(this.flash[offset + i], bytes[i]);
    }
    if (cut) {
      this.off();
      this.onEvent('cut');
    } else {
      this.chip.clock.tick(nanos);
    }
  }

  // what was in the flash when the power had gone in the operation of that number of the journal, after this share of it
  moment(operation, share) {
    const image = this.flash.slice();
    for (const { offset, before } of [...this.journal].reverse()) {
      image.set(before, offset);
    }
    this.journal.slice(0, operation + 1).forEach(({ offset, bytes, how }, i) => {
      const n = i < operation ? bytes.length : Math.floor(bytes.length * share);
      for (let at = 0; at < n; at++) {
        image[offset + at] = how(image[offset + at], bytes[at]);
      }
    });
    return image;
  }

  // ---- time

  // so many times faster than the wall's, in steps where that is 0
  pace(speed) {
    this.speed = speed;
    this.baseTime = this.now;
    this.baseWall = performance.now();
    this.stopped = false;
  }

  // let so many ns pass, in steps; they end before that when stop() is called
  advance(nanos) {
    if (!this.powered) {
      this.looked = this.now;
      this.high = false;
      this.elapsed += nanos;
      this.look();
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.goal = this.now + nanos;
      this.reached = resolve;
      this.run();
    });
  }

  stop() {
    this.stopped = this.goal !== null;
  }

  later(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.run(), ms);
  }

  // something has come from outside
  kick() {
    if (this.powered && this.asleep && this.speed) {
      this.later(0);
    }
  }

  run() {
    if (!this.powered || (!this.speed && this.goal === null)) {
      return;
    }
    this.asleep = false;
    const begin = performance.now();
    let last; // as the chip's clock has it
    if (this.speed) {
      let allowed = this.baseTime + (begin - this.baseWall) * 1e6 * this.speed;
      if (this.now < allowed - BEHIND * this.speed) {
        this.pace(this.speed);
        allowed = this.now;
      }
      last = allowed + AHEAD * this.speed - this.elapsed;
    } else {
      last = this.goal - this.elapsed;
    }
    const { chip, fast } = this;
    const { clock, core } = chip;
    while (this.powered && !this.stopped) {
      if (this.stuck) {
        const next = clock.nextAlarm ? Math.min(clock.nanosToNextAlarm, 1e6) : 1e6;
        if (clock.nanos + next > last) {
          clock.tick(Math.max(last - clock.nanos, 0));
          break;
        }
        clock.tick(next); // pins and the watchdog live on
      } else {
        const nanos = 1e9 / chip.clkSys;
        for (let i = 0; i < 500; i++) {
          if (core.waiting) {
            const next = clock.nextAlarm ? clock.nanosToNextAlarm : 1e6;
            const before = clock.nanos;
            const over = before + next > last;
            clock.tick(over ? Math.max(last - before, 0) : next);
            this.idle += clock.nanos - before;
            if (over) {
              this.asleep = core.waiting;
              break;
            }
          } else {
            const until = clock.nextAlarm ? Math.min(last, clock.nextAlarm.nanos) : last;
            const cycles = fast(Math.min((until - clock.nanosCounter) / nanos, 1000));
            if (cycles) {
              clock.tick(cycles * nanos);
            } else {
              clock.tick((core.executeInstruction() + this.rom.spent) * nanos);
              this.rom.spent = 0;
            }
          }
          if (!this.powered || this.stuck || this.stopped || this.resetting) {
            break;
          }
        }
      }
      if (this.resetting) {
        const [reason, scratch] = this.resetting;
        this.resetting = null;
        this.reset(reason, scratch);
        return;
      }
      if (this.asleep || clock.nanos >= last || performance.now() - begin > SLICE) {
        break;
      }
    }
    if (this.speed) {
      this.whenToRun();
    } else if (!this.powered || this.stopped || clock.nanos >= last) {
      this.goal = null;
      this.stopped = false;
      this.reached();
    } else {
      setImmediate(() => this.run());
    }
  }

  whenToRun() {
    if (!this.powered) {
      return;
    }
    const ahead = (this.now - this.baseTime) / 1e6 / this.speed - (performance.now() - this.baseWall);
    this.asleep = ahead > 0;
    if (ahead > 0) {
      this.later(Math.ceil(ahead) || 1);
    } else {
      setImmediate(() => this.run());
    }
  }
}

// A stand-in for the RP2040's boot ROM, which may not be shipped: its tables at their places (datasheet, "Bootrom contents"),
// each function a breakpoint that is served here. Numbers are treated as the ROM's routines do: a NaN counts as an infinity,
// denormal numbers as zero.

const TABLES = { functions: 0x14, data: 0x16, lookup: 0x18 }; // where half words point at them
const FUNCTIONS = 0x100;
const DATA = 0x180;
const FLOATS = 0x200;
const DOUBLES = 0x300;
const CODE = 0x400; // 4 bytes each: bkpt #n, bx lr
const BX_LR = 0x4770;
const SECTOR = 4096;

// by the codes of the datasheet; the names are those of the methods below
const NAMES = {
  P3: 'popcount32', R3: 'reverse32', L3: 'clz32', T3: 'ctz32', MS: 'memset', S4: 'memset', MC: 'memcpy', C4: 'memcpy',
  IF: 'nothing', EX: 'nothing', FC: 'nothing', CX: 'nothing', RE: 'erase', RP: 'program', UB: 'bootloader',
};
// 32 entries, in the order of their table; null is not there
const ARITHMETIC = [
  'add', 'sub', 'mul', 'div', 'compare', 'compare', 'sqrt', 'toInt', 'toFix', 'toUint', 'toUfix', 'fromInt', 'fromFix',
  'fromUint', 'fromUfix', 'cos', 'sin', 'tan', 'sincos', 'exp', 'ln', 'compare', 'atan2', 'fromInt64', 'fromFix64',
  'fromUint64', 'fromUfix64', 'toInt64', 'toFix64', 'toUint64', 'toUfix64', 'convert',
];
// cycles, about: what makes emulated time pass as it does on the chip
const COST = { float: 70, double: 110, byte: 0.5 };

const view = new DataView(new ArrayBuffer(8));
const LEAST_FLOAT = 2 ** -126;
const LEAST_DOUBLE = 2 ** -1022;
const LARGEST_FLOAT = (2 - 2 ** -23) * 2 ** 127;

function flush(x, least) {
  if (Number.isNaN(x)) {
    return Infinity;
  }
  return x !== 0 && Math.abs(x) < least ? (x < 0 ? -0 : 0) : x;
}

// the largest integer of so many bits where x is too large; -infinity is the smallest one
function clamp(x, low, high) {
  return x <= low ? low : x >= high ? high : Math.floor(x);
}

function clampBig(x, low, high) {
  return x <= Number(low) ? low : x >= Number(high) ? high : BigInt(Math.floor(x));
}

// the arithmetic of one precision: `ops[name](...)` takes and gives what `regs` has
class Arithmetic {
  constructor(regs, double) {
    this.regs = regs;
    this.double = double;
    this.least = double ? LEAST_DOUBLE : LEAST_FLOAT;
    this.width = double ? 2 : 1; // registers of a number
  }

  decode(i, double = this.double) {
    if (double) {
      view.setUint32(0, this.regs[i + 1]);
      view.setUint32(4, this.regs[i]);
      return flush(signedNaN(view.getFloat64(0), this.regs[i + 1]), LEAST_DOUBLE);
    }
    view.setUint32(0, this.regs[i]);
    return flush(signedNaN(view.getFloat32(0), this.regs[i]), LEAST_FLOAT);
  }

  a() {
    return this.decode(0);
  }

  b() {
    return this.decode(this.width);
  }

  give(x, i = 0, double = this.double) {
    if (double) {
      view.setFloat64(0, flush(x, LEAST_DOUBLE));
      this.regs[i + 1] = view.getUint32(0);
      this.regs[i] = view.getUint32(4);
    } else {
      view.setFloat32(0, flush(Math.fround(x), LEAST_FLOAT));
      this.regs[i] = view.getUint32(0);
    }
  }

  give64(big) {
    this.regs[0] = Number(BigInt.asUintN(32, big));
    this.regs[1] = Number(BigInt.asUintN(32, big >> 32n));
  }

  big(signed) {
    const value = (BigInt(this.regs[1]) << 32n) | BigInt(this.regs[0]);
    return signed ? BigInt.asIntN(64, value) : value;
  }

  scale(i) {
    return 2 ** (this.regs[i] | 0);
  }

  // rounded once: a number that needs more than 53 bits must not be rounded to a double first
  giveBig(big, scale) {
    const negative = big < 0n;
    const size = negative ? -big : big;
    const drop = Math.max(0, size.toString(2).length - 60);
    const low = size & ((1n << BigInt(drop)) - 1n);
    let kept = size >> BigInt(drop);
    if (!this.double && kept) {
      // sticky: 26 bits are enough for a float and its rounding
      const more = Math.max(0, kept.toString(2).length - 26);
      const sticky = (kept & ((1n << BigInt(more)) - 1n)) || low ? 1n : 0n;
      kept = (kept >> BigInt(more)) | sticky;
      this.give(((negative ? -1 : 1) * Number(kept) * 2 ** (drop + more)) / scale);
      return;
    }
    this.give(((negative ? -1 : 1) * Number(size)) / scale);
  }

  add() { this.give(this.sum(this.a(), this.b())); }
  sub() { this.give(this.sum(this.a(), -this.b())); }

  sum(a, b) {
    return Math.abs(a) === Infinity ? a : a + b; // inf - inf is left to the caller
  }

  mul() {
    const [a, b] = [this.a(), this.b()];
    const product = a * b;
    // 0 * inf is infinite here; who calls makes it a NaN
    this.give(Number.isNaN(product) ? (Object.is(Math.sign(a) * Math.sign(b), -0) ? -Infinity : Infinity) : product);
  }

  div() {
    const [a, b] = [this.a(), this.b()];
    const ratio = a / b;
    this.give(Number.isNaN(ratio) ? (a < 0 || Object.is(a, -0) ? -Infinity : Infinity) : ratio);
  }

  compare(core) {
    const [a, b] = [this.a(), this.b()];
    this.regs[0] = a < b ? -1 : a > b ? 1 : 0;
    core.Z = a === b;
    core.C = a >= b;
    core.N = a < b;
  }

  sqrt() {
    const a = this.a();
    this.give(a < 0 ? -Infinity : Math.sqrt(a));
  }

  toInt() { this.regs[0] = clamp(this.a(), -(2 ** 31), 2 ** 31 - 1); }
  toFix() { this.regs[0] = clamp(this.a() * this.scale(this.width), -(2 ** 31), 2 ** 31 - 1); }
  toUint() { this.regs[0] = clamp(this.a(), 0, 2 ** 32 - 1); }
  toUfix() { this.regs[0] = clamp(this.a() * this.scale(this.width), 0, 2 ** 32 - 1); }
  toInt64() { this.give64(clampBig(this.a(), -(1n << 63n), (1n << 63n) - 1n)); }
  toFix64() { this.give64(clampBig(this.a() * this.scale(this.width), -(1n << 63n), (1n << 63n) - 1n)); }
  toUint64() { this.give64(clampBig(this.a(), 0n, (1n << 64n) - 1n)); }
  toUfix64() { this.give64(clampBig(this.a() * this.scale(this.width), 0n, (1n << 64n) - 1n)); }
  fromInt() { this.give(this.regs[0] | 0); }
  fromFix() { this.give((this.regs[0] | 0) / this.scale(1)); }
  fromUint() { this.give(this.regs[0]); }
  fromUfix() { this.give(this.regs[0] / this.scale(1)); }
  fromInt64() { this.giveBig(this.big(true), 1); }
  fromFix64() { this.giveBig(this.big(true), this.scale(2)); }
  fromUint64() { this.giveBig(this.big(false), 1); }
  fromUfix64() { this.giveBig(this.big(false), this.scale(2)); }
  cos() { this.give(Math.cos(this.a())); }
  sin() { this.give(Math.sin(this.a())); }
  tan() { this.give(Math.tan(this.a())); }

  sincos() {
    const a = this.a();
    this.give(Math.sin(a));
    this.give(Math.cos(a), this.width);
  }

  exp() { this.give(Math.exp(this.a())); }

  ln() {
    const a = this.a();
    this.give(a <= 0 ? -Infinity : Math.log(a));
  }

  atan2() { this.give(Math.atan2(this.a(), this.b())); }

  // to the other precision
  convert() {
    const x = this.a();
    if (this.double) {
      this.give(Math.abs(x) > LARGEST_FLOAT && Math.abs(Math.fround(x)) === Infinity ? Math.sign(x) * Infinity : x, 0, false);
    } else {
      this.give(x, 0, true);
    }
  }
}

function signedNaN(x, high) {
  return Number.isNaN(x) ? (high & 0x80000000 ? -Infinity : Infinity) : x;
}

export class Rom {
  // `board` has `flash`, erased and programmed by its erase(offset, n) and program(offset, bytes), and bootloader()
  constructor(board) {
    this.board = board;
    this.spent = 0; // cycles that what was served takes on the chip
    this.calls = [];
    const rom = new Uint8Array(16 * 1024);
    const words = new DataView(rom.buffer);
    const put = (at, value) => words.setUint16(at, value, true);
    const add = (serve) => {
      const at = CODE + 4 * this.calls.length;
      put(at, 0xbe00 | this.calls.length);
      put(at + 2, BX_LR);
      this.calls.push(serve);
      return at | 1;
    };
    rom.set([0x4d, 0x75, 0x01, 3], 0x10); // "Mu", 1, the version
    put(TABLES.functions, FUNCTIONS);
    put(TABLES.data, DATA);
    put(TABLES.lookup, add((core) => this.lookup(core)));
    let at = FUNCTIONS;
    for (const [code, name] of Object.entries(NAMES)) {
      put(at, code.charCodeAt(0) | (code.charCodeAt(1) << 8));
      put(at + 2, add((core) => this[name](core)));
      at += 4;
    }
    at = DATA;
    for (const [code, table, double] of [['SF', FLOATS, false], ['SD', DOUBLES, true]]) {
      put(at, code.charCodeAt(0) | (code.charCodeAt(1) << 8));
      put(at + 2, table);
      at += 4;
      rom[table - 2] = ARITHMETIC.length;
      ARITHMETIC.forEach((name, i) => {
        const entry = add((core) => {
          this.spent += double ? COST.double : COST.float;
          (double ? this.doubles : this.floats)[name](core);
        });
        words.setUint32(table + 4 * i, entry, true);
      });
    }
    this.image = new Uint32Array(rom.buffer);
  }

  // put it into a chip that was just made
  install(chip) {
    chip.loadBootrom(this.image);
    this.chip = chip;
    this.floats = new Arithmetic(chip.core.registers, false);
    this.doubles = new Arithmetic(chip.core.registers, true);
  }

  // a breakpoint in the ROM was reached; gives whether it is ours
  serve(n) {
    const { core } = this.chip;
    if (core.PC >= 16 * 1024 || !this.calls[n]) {
      return false;
    }
    this.calls[n](core);
    return true;
  }

  lookup(core) {
    const { registers } = core;
    for (let at = registers[0]; ; at += 4) {
      const code = this.chip.readUint16(at);
      if (code === (registers[1] & 0xffff) || !code) {
        registers[0] = code && this.chip.readUint16(at + 2);
        return;
      }
    }
  }

  popcount32({ registers }) {
    let n = 0;
    for (let v = registers[0]; v; v &= v - 1) {
      n++;
    }
    registers[0] = n;
  }

  reverse32({ registers }) {
    let result = 0;
    for (let i = 0; i < 32; i++) {
      result = (result << 1) | ((registers[0] >>> i) & 1);
    }
    registers[0] = result;
  }

  clz32({ registers }) {
    registers[0] = Math.clz32(registers[0]);
  }

  ctz32({ registers }) {
    registers[0] = registers[0] ? 31 - Math.clz32(registers[0] & -registers[0]) : 32;
  }

  memset({ registers }) {
    const [to, value, n] = registers;
    this.spent += n * COST.byte;
    for (let i = 0; i < n; i++) {
      this.chip.writeUint8(to + i, value & 0xff);
    }
  }

  memcpy({ registers }) {
    const [to, from, n] = registers;
    this.spent += n * COST.byte;
    for (let i = 0; i < n; i++) {
      this.chip.writeUint8(to + i, this.chip.readUint8(from + i));
    }
  }

  nothing() {}

  erase({ registers }) {
    for (let at = registers[0]; at < registers[0] + registers[1]; at += SECTOR) {
      this.board.erase(at, SECTOR);
    }
  }

  program({ registers }) {
    const [offset, from, n] = registers;
    const bytes = new Uint8Array(n);
    for (let i = 0; i < n; i++) {
      bytes[i] = this.chip.readUint8(from + i);
    }
    this.board.program(offset, bytes);
  }

  bootloader() {
    this.board.bootloader();
  }
}

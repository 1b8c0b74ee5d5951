// The instructions that a program is mostly made of, done directly on RAM and flash: the emulator's own way through all of them is
// several times slower. What is not here, or reaches anything but memory, is left to it; a test compares the two.
//
// fasten(chip) gives a function (cycles): it runs so many, or one instruction more, and gives how many it were. It ends before
// an instruction that is left to the emulator; where that is the first one it gives 0.

const RAM = 0x42000; // bytes
const ROM = 0x4000;

export function fasten(chip) {
  const { core } = chip;
  const r = core.registers;
  const ram8 = chip.sram;
  const ram16 = new Uint16Array(ram8.buffer);
  const ram32 = new Uint32Array(ram8.buffer);
  const flash8 = chip.flash;
  const flash16 = new Uint16Array(flash8.buffer);
  const flash32 = new Uint32Array(flash8.buffer);
  const rom16 = new Uint16Array(chip.bootrom.buffer);
  const slow = () => 0; // nothing was done yet

  const inRam = (a) => a - 0x20000000 >= 0 && a - 0x20000000 < RAM;
  const inDivider = (a) => (a & 0xffffffe0) >> 0 === 0xd0000060 >> 0;
  const inFlash = (a) => a >>> 26 === 4 && (a & 0xffffff) < flash8.length;

  function load(size, signed, a, rt) {
    a >>>= 0;
    if (a & (size - 1)) {
      return slow();
    }
    let value;
    if (inRam(a)) {
      const at = a - 0x20000000;
      value = size === 4 ? ram32[at >> 2] : size === 2 ? ram16[at >> 1] : ram8[at];
    } else if (inFlash(a)) {
      const at = a & 0xffffff;
      value = size === 4 ? flash32[at >> 2] : size === 2 ? flash16[at >> 1] : flash8[at];
    } else if (size === 4 && inDivider(a)) {
      r[rt] = chip.sio.readUint32(a & 0xff);
      r[15] += 2;
      return 1;
    } else {
      return slow();
    }
    r[rt] = signed ? (size === 2 ? (value << 16) >> 16 : (value << 24) >> 24) : value;
    r[15] += 2;
    return 2;
  }

  function store(size, a, rt) {
    a >>>= 0;
    if (size === 4 && inDivider(a)) {
      chip.sio.writeUint32(a & 0xff, r[rt]);
      r[15] += 2;
      return 1;
    }
    if (!inRam(a) || a & (size - 1)) {
      return slow();
    }
    const at = a - 0x20000000;
    if (size === 4) {
      ram32[at >> 2] = r[rt];
    } else if (size === 2) {
      ram16[at >> 1] = r[rt];
    } else {
      ram8[at] = r[rt];
    }
    r[15] += 2;
    return 2;
  }

  // bit 8 is LR for PUSH, PC for POP
  function push(list) {
    let n = 0;
    for (let rest = list; rest; rest &= rest - 1) {
      n++;
    }
    const a = r[13] - 4 * n;
    if (!inRam(a) || !inRam(r[13] - 1)) {
      return slow();
    }
    let at = (a - 0x20000000) >> 2;
    for (let i = 0; i < 8; i++) {
      if (list & (1 << i)) {
        ram32[at++] = r[i];
      }
    }
    if (list & 256) {
      ram32[at] = r[14];
      n--; // as the emulator counts it
    }
    r[13] = a;
    r[15] += 2;
    return 1 + n;
  }

  function pop(list) {
    const a = r[13];
    if (!inRam(a) || !inRam(a + 35)) {
      return slow();
    }
    let at = (a - 0x20000000) >> 2;
    let n = 1;
    if (list & 256) {
      let last = at;
      for (let rest = list & 255; rest; rest &= rest - 1) {
        last++;
      }
      if (ram32[last] >>> 28 === 15) {
        return slow(); // a return from an interrupt
      }
    }
    for (let i = 0; i < 8; i++) {
      if (list & (1 << i)) {
        r[i] = ram32[at++];
        n++;
      }
    }
    if (list & 256) {
      r[15] = ram32[at++] & ~1;
      n += 2;
    } else {
      r[15] += 2;
    }
    r[13] = 0x20000000 + 4 * at;
    return n;
  }

  function loadMany(rn, list) {
    const a = r[rn];
    if (!inRam(a) || !inRam(a + 31) || a & 3) {
      return slow();
    }
    let at = (a - 0x20000000) >> 2;
    let n = 1;
    for (let i = 0; i < 8; i++) {
      if (list & (1 << i)) {
        r[i] = ram32[at++];
        n++;
      }
    }
    if (!(list & (1 << rn))) {
      r[rn] = 0x20000000 + 4 * at;
    }
    r[15] += 2;
    return n;
  }

  function storeMany(rn, list) {
    const a = r[rn];
    if (!inRam(a) || !inRam(a + 31) || a & 3 || list & (1 << rn)) {
      return slow();
    }
    let at = (a - 0x20000000) >> 2;
    let n = 1;
    for (let i = 0; i < 8; i++) {
      if (list & (1 << i)) {
        ram32[at++] = r[i];
        n++;
      }
    }
    r[rn] = 0x20000000 + 4 * at;
    r[15] += 2;
    return n;
  }

  function sum(a, b) {
    const result = a + b;
    core.N = !!(result & 0x80000000);
    core.Z = (result & 0xffffffff) === 0;
    core.C = result > 0xffffffff;
    core.V = (result | 0) !== (a | 0) + (b | 0);
    return result;
  }

  function difference(a, b) {
    const result = (a - b) | 0;
    core.N = result < 0;
    core.Z = result === 0;
    core.C = a >= b;
    core.V = result !== (a | 0) - (b | 0);
    return result;
  }

  function shifted(value, n) {
    core.C = !!(value & (1 << (n - 1)));
    return n < 32 ? value >> n : (value & 0x80000000) >> 31;
  }

  function test(result) {
    core.N = !!(result & 0x80000000);
    core.Z = (result | 0) === 0;
    r[15] += 2;
    return 1;
  }

  function holds(condition) {
    switch (condition) {
      case 0: return core.Z;
      case 1: return !core.Z;
      case 2: return core.C;
      case 3: return !core.C;
      case 4: return core.N;
      case 5: return !core.N;
      case 6: return core.V;
      case 7: return !core.V;
      case 8: return core.C && !core.Z;
      case 9: return !(core.C && !core.Z);
      case 10: return core.N === core.V;
      case 11: return core.N !== core.V;
      case 12: return core.N === core.V && !core.Z;
      default: return !(core.N === core.V && !core.Z);
    }
  }

  // one instruction; gives its cycles
  function step() {
    const pc = r[15];
    let opcode;
    if (pc >>> 26 === 4) {
      opcode = flash16[(pc & 0xffffff) >> 1];
    } else if (inRam(pc)) {
      opcode = ram16[(pc - 0x20000000) >> 1];
    } else if (pc < ROM) {
      opcode = rom16[pc >> 1];
    } else {
      return slow();
    }
    const low = opcode & 7;
    const middle = (opcode >> 3) & 7;
    const high = (opcode >> 8) & 7;
    const imm5 = (opcode >> 6) & 31;
    const imm8 = opcode & 255;
    switch (opcode >> 11) {
      case 0b00000: { // LSLS
        const value = r[middle];
        if (imm5) {
          core.C = !!(value & (1 << (32 - imm5)));
        }
        return test((r[low] = value << imm5));
      }
      case 0b00001: { // LSRS
        const value = r[middle];
        core.C = !!((value >>> (imm5 ? imm5 - 1 : 31)) & 1);
        return test((r[low] = imm5 ? value >>> imm5 : 0));
      }
      case 0b00010: // ASRS
        return test((r[low] = shifted(r[middle], imm5 || 32)));
      case 0b00011: { // ADDS, SUBS
        const b = opcode & 0x400 ? imm5 & 7 : r[imm5 & 7];
        r[low] = opcode & 0x200 ? difference(r[middle], b) : sum(r[middle], b);
        r[15] = pc + 2;
        return 1;
      }
      case 0b00100: // MOVS
        return test((r[high] = imm8));
      case 0b00101: // CMP
        difference(r[high], imm8);
        r[15] = pc + 2;
        return 1;
      case 0b00110:
        r[high] = sum(r[high], imm8);
        r[15] = pc + 2;
        return 1;
      case 0b00111:
        r[high] = difference(r[high], imm8);
        r[15] = pc + 2;
        return 1;
      case 0b01000:
        switch ((opcode >> 6) & 31) {
          case 0: return test((r[low] &= r[middle])); // ANDS
          case 1: return test((r[low] ^= r[middle])); // EORS
          case 2: { // LSLS
            const n = r[middle] & 255;
            const value = r[low];
            if (n) {
              core.C = !!(value & (1 << (32 - n)));
            }
            return test((r[low] = n >= 32 ? 0 : value << n));
          }
          case 3: { // LSRS
            const n = r[middle] & 255;
            const value = r[low];
            core.C = n <= 32 ? !!((value >>> (n - 1)) & 1) : false;
            return test((r[low] = n < 32 ? value >>> n : 0));
          }
          case 5: // ADCS
            r[low] = sum(r[middle], r[low] + (core.C ? 1 : 0));
            r[15] = pc + 2;
            return 1;
          case 6: // SBCS
            r[low] = difference(r[low], r[middle] + (core.C ? 0 : 1));
            r[15] = pc + 2;
            return 1;
          case 4: return test((r[low] = shifted(r[low], Math.min(r[middle] & 255, 32)))); // ASRS
          case 8: return test(r[low] & r[middle]); // TST
          case 9: // RSBS
            r[low] = difference(0, r[middle]);
            r[15] = pc + 2;
            return 1;
          case 10: // CMP
            difference(r[low], r[middle]);
            r[15] = pc + 2;
            return 1;
          case 12: return test((r[low] |= r[middle])); // ORRS
          case 13: return test((r[low] = Math.imul(r[low], r[middle]))); // MULS
          case 14: return test((r[low] &= ~r[middle])); // BICS
          case 15: return test((r[low] = ~r[middle])); // MVNS
          case 16: case 17: case 18: case 19: // ADD, CMP, MOV of any register
          case 20: case 21: case 22: case 23:
          case 24: case 25: case 26: case 27: {
            const to = ((opcode >> 4) & 8) | low;
            const from = (opcode >> 3) & 15;
            if (to === 15 || to === 13 || from === 15) {
              return slow();
            }
            if (opcode & 0x200) {
              r[to] = r[from];
            } else if (opcode & 0x100) {
              difference(r[to], r[from]);
            } else {
              r[to] += r[from];
            }
            r[15] = pc + 2;
            return 1;
          }
          case 28: case 29: { // BX; not a return from an interrupt
            const target = r[(opcode >> 3) & 15];
            if (target >>> 28 === 15 || (opcode & 7)) {
              return slow();
            }
            r[15] = target & ~1;
            return 2;
          }
          case 30: case 31: { // BLX
            const target = r[(opcode >> 3) & 15];
            if (opcode & 7) {
              return slow();
            }
            r[14] = (pc + 2) | 1;
            r[15] = target & ~1;
            return 2;
          }
          default: return slow();
        }
      case 0b01001: // LDR from behind the code
        return load(4, false, ((pc + 4) & 0xfffffffc) + imm8 * 4, high);
      case 0b01010:
      case 0b01011: {
        const a = r[middle] + r[imm5 & 7];
        switch ((opcode >> 9) & 7) {
          case 0: return store(4, a, low);
          case 1: return store(2, a, low);
          case 2: return store(1, a, low);
          case 3: return load(1, true, a, low);
          case 4: return load(4, false, a, low);
          case 5: return load(2, false, a, low);
          case 6: return load(1, false, a, low);
          default: return load(2, true, a, low);
        }
      }
      case 0b01100: return store(4, r[middle] + imm5 * 4, low);
      case 0b01101: return load(4, false, r[middle] + imm5 * 4, low);
      case 0b01110: return store(1, r[middle] + imm5, low);
      case 0b01111: return load(1, false, r[middle] + imm5, low);
      case 0b10000: return store(2, r[middle] + imm5 * 2, low);
      case 0b10001: return load(2, false, r[middle] + imm5 * 2, low);
      case 0b10010: return store(4, r[13] + imm8 * 4, high);
      case 0b10011: return load(4, false, r[13] + imm8 * 4, high);
      case 0b10101: // ADD of SP
        r[high] = r[13] + imm8 * 4;
        r[15] = pc + 2;
        return 1;
      case 0b10110:
        switch ((opcode >> 6) & 31) {
          case 0: case 1: // ADD to SP
            r[13] += (opcode & 127) * 4;
            r[15] = pc + 2;
            return 1;
          case 2: case 3:
            r[13] -= (opcode & 127) * 4;
            r[15] = pc + 2;
            return 1;
          case 8: // SXTH
            r[low] = (r[middle] << 16) >> 16;
            r[15] = pc + 2;
            return 1;
          case 9: // SXTB
            r[low] = (r[middle] << 24) >> 24;
            r[15] = pc + 2;
            return 1;
          case 10: // UXTH
            r[low] = r[middle] & 0xffff;
            r[15] = pc + 2;
            return 1;
          case 11: // UXTB
            r[low] = r[middle] & 0xff;
            r[15] = pc + 2;
            return 1;
          default:
            return opcode & 0x400 && !(opcode & 0x200) ? push(opcode & 511) : slow();
        }
      case 0b10111:
        if (((opcode >> 6) & 31) === 8) { // REV
          const value = r[middle];
          r[low] = (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
          r[15] = pc + 2;
          return 1;
        }
        return (opcode & 0x600) === 0x400 ? pop(opcode & 511) : slow();
      case 0b11000:
      case 0b11001:
        return opcode & 0x800 ? loadMany(high, imm8) : storeMany(high, imm8);
      case 0b11010:
      case 0b11011: { // B with a condition
        const condition = (opcode >> 8) & 15;
        if (condition >= 14) {
          return slow();
        }
        if (holds(condition)) {
          r[15] = pc + 4 + ((imm8 << 24) >> 23);
          return 2;
        }
        r[15] = pc + 2;
        return 1;
      }
      case 0b11100: // B
        r[15] = pc + 4 + ((opcode << 21) >> 20);
        return 2;
      case 0b11110: { // BL, and others
        const second = pc >>> 26 === 4 ? flash16[((pc + 2) & 0xffffff) >> 1] : ram16[(pc + 2 - 0x20000000) >> 1];
        if ((second & 0xd000) !== 0xd000) {
          return slow();
        }
        const sign = (opcode >> 10) & 1;
        const i1 = 1 - (sign ^ ((second >> 13) & 1));
        const i2 = 1 - (sign ^ ((second >> 11) & 1));
        r[14] = (pc + 4) | 1;
        r[15] = pc + 4 + ((sign ? 0xff000000 : 0) | (i1 << 23) | (i2 << 22) | ((opcode & 0x3ff) << 12) | ((second & 0x7ff) << 1));
        return 3;
      }
      default:
        return slow();
    }
  }

  return function run(cycles) {
    let done = 0;
    if (core.interruptsUpdated) {
      return 0;
    }
    while (done < cycles) {
      const n = step();
      if (!n) {
        break;
      }
      done += n;
    }
    return done;
  };
}

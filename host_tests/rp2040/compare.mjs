// Runs the same flash on two chips, one by the emulator's own instructions and one by tools/emulator/chip/core.js, and compares after
// every step: node compare.mjs MODULE FLASH STEPS. Exit code 0: no difference.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { fasten } from '../../tools/emulator/chip/core.js';
import { Rom } from '../../tools/emulator/chip/rom.js';

const [module, file, steps] = process.argv.slice(2);
const main = createRequire(pathToFileURL(module + '/')).resolve('rp2040js');
const { RP2040 } = await import(pathToFileURL(main.replace('/cjs/', '/esm/')));
console.warn = () => {};

function make() {
  const flash = new Uint8Array(fs.readFileSync(file));
  const chip = new RP2040();
  chip.logger = { debug() {}, info() {}, warn() {}, error() {} };
  const rom = new Rom({
    erase: (at, n) => flash.fill(0xff, at, at + n),
    program: (at, bytes) => bytes.forEach((byte, i) => (flash[at + i] &= byte)),
  });
  rom.install(chip);
  chip.flash = flash;
  chip.flash16 = new Uint16Array(flash.buffer);
  chip.flashView = new DataView(flash.buffer);
  chip.onBreak = (n) => rom.serve(n);
  chip.core.registers.fill(0);
  chip.core.SP = 0x20042000;
  chip.core.PC = 0x10000000;
  return chip;
}

const [a, b] = [make(), make()];
const fast = fasten(b);
const step = () => fast(1) || b.core.executeInstruction();
const flags = ['N', 'Z', 'C', 'V', 'waiting', 'interruptsUpdated'];
for (let n = 0; n < Number(steps); n++) {
  const pc = a.core.PC;
  let cycles = [125000, 125000];
  if (!a.core.waiting) {
    cycles = [a.core.executeInstruction(), step()];
  }
  a.clock.tick(cycles[0] * 8);
  b.clock.tick(cycles[1] * 8);
  const same = cycles[0] === cycles[1] && flags.every((f) => a.core[f] === b.core[f]) &&
    a.core.registers.every((value, i) => value === b.core.registers[i]);
  if (!same) {
    console.log(`step ${n}, at 0x${pc.toString(16)}: opcode ${a.readUint16(pc).toString(2).padStart(16, '0')}`);
    process.exit(1);
  }
}
if (!a.sram.every((value, i) => value === b.sram[i])) {
  console.log('memory differs');
  process.exit(1);
}
console.log(`${steps} steps, ${(a.clock.nanos / 1e6).toFixed(1)} ms: no difference`);

// Starts the emulated board, bridges its USB and its UARTs to TCP ports, and obeys lines of JSON on stdin; answers and events are
// lines of JSON on stdout. Started by tools/emulator/emulator.py, which says what there is to say.

import fs from 'node:fs';
import net from 'node:net';
import readline from 'node:readline';
import { Board } from './board.js';

const options = JSON.parse(process.argv[2]);
const FLASH = 2 * 1024 * 1024;
const AGAIN = 300; // ms
const HELD = 64 * 1024; // bytes that a PC holds for a program that does not read

const say = (value) => process.stdout.write(JSON.stringify(value) + '\n');

// A UF2 file as the bootloader takes it: a sector is erased with the first block that comes for it, and the chip starts when as
// many blocks are there as each of them says.
function load(flash, path) {
  const file = fs.readFileSync(path);
  const erased = new Set();
  const numbers = new Set();
  for (let at = 0; at + 512 <= file.length; at += 512) {
    if (file.readUInt32LE(at) !== 0x0a324655 || file.readUInt32LE(at + 4) !== 0x9e5d5157) {
      throw new Error(`${path} is no UF2 file`);
    }
    const offset = file.readUInt32LE(at + 12) - 0x10000000;
    if (file.readUInt32LE(at + 16) !== 256 || offset % 256 || file.readUInt32LE(at + 24) !== file.length / 512) {
      throw new Error(`${path} has a block at ${at} that the bootloader does not take`);
    }
    const sector = offset - (offset % 4096);
    if (!erased.has(sector)) {
      erased.add(sector);
      flash.fill(0xff, sector, sector + 4096);
    }
    numbers.add(file.readUInt32LE(at + 20));
    flash.set(file.subarray(at + 32, at + 32 + 256), offset);
  }
  if (numbers.size !== file.length / 512) {
    throw new Error(`${path} has not all of its blocks`);
  }
}

const flash = new Uint8Array(FLASH).fill(0xff);
if (options.flash && fs.existsSync(options.flash)) {
  flash.set(fs.readFileSync(options.flash));
}
if (options.firmware) {
  load(flash, options.firmware);
}

const keep = (path = options.flash) => {
  if (path) {
    fs.writeFileSync(path + '.new', flash);
    fs.renameSync(path + '.new', path);
  }
};

const board = await Board.make({ ...options, flash });
let usbClient = null;
let uartClient = null;

board.onEvent = (event, data) => {
  say({ event, data, time: board.now / 1e6 });
  if (event === 'off') {
    // the port vanishes from the PC, and who had it open is told
    usbClient?.destroy();
    if (taps.usb) {
      taps.usb.gone = true;
    }
    board.stop();
    keep();
  }
};

// A client at a line while time goes in steps: what came waits here until it is taken.
class Tap {
  got = [];
  size = 0;
  gone = false; // the other end is
  connection = null; // over TCP
  state = 'opening';
  wanted = null; // the byte for which time is to stop; -1 is any

  get writableNeedDrain() {
    return this.size >= HELD;
  }

  write(bytes) {
    this.got.push(Buffer.from(bytes));
    this.size += bytes.length;
    if (this.wanted === -1 || (this.wanted !== null && bytes.includes(this.wanted))) {
      board.stop();
    }
  }

  // what a connection of tcp.js tells its program
  data(bytes) {
    this.write(bytes);
  }

  room() {
    return HELD - this.size;
  }

  opened() {
    this.state = 'open';
    board.stop();
  }

  ended() {
    this.gone = true;
    if (this.wanted !== null) {
      board.stop();
    }
  }

  closed(why) {
    this.state = why;
    this.ended();
  }

  take() {
    const all = Buffer.concat(this.got);
    this.got = [];
    this.size = 0;
    return { data: all.toString('base64'), closed: this.gone };
  }
}

const taps = { usb: null, uart: null };
const datagrams = []; // that came from the chip
let plugged = null; // in steps, what came for the instrument at the other UART, where somebody plays one

function listen(serve, how = {}) {
  return new Promise((resolve) => {
    const server = net.createServer(how, (socket) => {
      socket.setNoDelay(true);
      socket.on('error', () => {});
      serve(socket);
    });
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });
}

const usbPort = await listen(function serve(socket, patient = true) {
  if (usbClient && patient) {
    setTimeout(() => serve(socket, false), AGAIN); // the last one may be about to leave
    return;
  }
  if (usbClient || !board.powered || !board.usb.configured) {
    socket.destroy(); // one program at a time, and only where there is a board
    return;
  }
  usbClient = socket;
  board.usb.open(socket);
  socket.on('data', (data) => {
    if (!board.usb.send(data)) {
      socket.pause();
    }
    board.kick();
  });
  socket.on('drain', () => {
    board.usb.resume();
    board.kick();
  });
  socket.on('close', () => {
    usbClient = null;
    if (board.powered) {
      board.usb.close();
      board.kick();
    }
  });
  board.kick();
});

let line = Buffer.alloc(0);
const uartPort = await listen((socket) => {
  uartClient?.destroy();
  uartClient = socket;
  socket.on('data', (data) => {
    if (board.powered && !board.uart[options.pins.uart].feed(data)) {
      socket.pause();
    }
    board.kick();
  });
  socket.on('close', () => {
    if (uartClient === socket) {
      uartClient = null;
    }
  });
});
board.onUart = (byte) => {
  if (taps.uart) {
    taps.uart.write([byte]);
    return;
  }
  if (!line.length) {
    setImmediate(() => {
      uartClient?.write(line);
      line = Buffer.alloc(0);
    });
  }
  line = Buffer.concat([line, Buffer.from([byte])]);
};
board.onUartRoom = () => uartClient?.resume();

// A program at the network, which is behind the other UART: a socket of this PC for a connection to the chip.
class Bridge {
  constructor(socket) {
    this.socket = socket;
    const connection = board.pc.connect(options.network, this);
    socket.on('data', (data) => {
      if (!connection.write(data)) {
        socket.pause();
      }
      board.kick();
    });
    socket.on('drain', () => connection.taken());
    socket.on('end', () => connection.end());
    socket.on('close', () => connection.close());
    this.more = setInterval(() => connection.waiting.length < HELD / 4 && socket.resume(), AGAIN / 10);
  }

  data(bytes) {
    this.socket.write(bytes);
  }

  room() {
    return HELD - this.socket.writableLength;
  }

  opened() {}

  ended() {
    this.socket.end();
  }

  closed(why) {
    clearInterval(this.more);
    this.socket[why === 'ended' ? 'end' : 'resetAndDestroy']();
  }
}
const tcpPort = options.network ? await listen((socket) => new Bridge(socket), { allowHalfOpen: true }) : null;

// the other UART, for an instrument
let instrument = null;
const linePort = await listen((socket) => {
  instrument?.destroy();
  instrument = socket;
  socket.on('data', (data) => {
    if (board.powered && !board.line.feed(data)) {
      socket.pause();
    }
    board.kick();
  });
  socket.on('close', () => {
    if (instrument === socket) {
      instrument = null;
    }
  });
});
board.onLine = (bytes) => {
  if (plugged) {
    plugged.push(bytes);
    board.stop();
  } else {
    instrument?.write(bytes);
  }
};
board.onLineRoom = () => instrument?.resume();

const commands = {
  status: () => board.status(),
  levels: () => board.levels(),
  fault: ({ name }) => board.fault(name),
  reset: () => board.reset(),
  off: () => board.off(),
  on: () => board.on(),
  // power goes in the middle of the flash operation after so many, when this share of it is done
  cut: ({ operations, share }) => (board.cut = { operations, share }),
  speed: ({ speed }) => {
    board.pace(speed);
    board.later(0);
  },
  keep: ({ path }) => keep(path),
  // from here on what flash operations do is kept; then their number, and the flash in the middle of one of them
  record: () => (board.journal = []),
  recorded: () => board.journal.length,
  moment: ({ operation, share, path }) => fs.writeFileSync(path, board.moment(operation, share)),
  // ---- in steps
  open: ({ port }) => {
    if (port === 'usb' && (usbClient || !board.powered || !board.usb.configured)) {
      throw new Error('there is no board at its USB, or another program has it');
    }
    taps[port] = new Tap();
    if (port === 'usb') {
      board.usb.open(taps.usb);
    } else if (port !== 'uart') {
      taps[port].connection = board.pc.connect(options.network, taps[port]);
    }
  },
  // of a connection over TCP: opening, open, or how it ended
  state: ({ port }) => taps[port].state,
  // the program's computer sleeps, and nobody else does
  sleep: ({ port, sleeps }) => {
    taps[port].connection.sleeps = sleeps;
  },
  // the network's cable, of all connections
  cable: ({ plugged }) => {
    board.unplugged = !plugged;
  },
  // a datagram to all on the network, and what came back until now; and what came to a port by itself
  broadcast: ({ port, data }) => board.pc.broadcast(port, Buffer.from(data, 'base64'), (bytes) => datagrams.push(bytes)),
  datagrams: () => datagrams.splice(0).map((bytes) => bytes.toString('base64')),
  hear: ({ port }) => {
    board.pc.ears.set(port, (bytes) => datagrams.push(bytes));
  },
  // no more comes from the program
  shutdown: ({ port }) => taps[port].connection.end(),
  close: ({ port }) => {
    taps[port].connection?.close(taps[port].size > 0);
    taps[port] = null;
    if (port === 'usb' && board.powered) {
      board.usb.close();
    }
  },
  write: ({ port, data }) => {
    const bytes = Buffer.from(data, 'base64');
    if (port === 'uart') {
      board.uart[options.pins.uart].feed(bytes);
    } else if (port === 'usb') {
      board.usb.send(bytes);
    } else {
      taps[port].connection.write(bytes);
    }
  },
  take: ({ port }) => {
    const taken = taps[port].take();
    taps[port].connection?.taken();
    if (port === 'usb' && board.powered) {
      board.usb.resume();
    }
    return taken;
  },
  // so many ms, less where a byte comes to a line that is waited for
  advance: async ({ ms, port, byte }) => {
    const tap = taps[port];
    if (tap) {
      tap.wanted = byte;
    }
    await board.advance(ms * 1e6);
    if (tap) {
      tap.wanted = null;
    }
    const heard = plugged?.splice(0).map((piece) => piece.toString('base64'));
    return { ...(tap && commands.take({ port })), heard };
  },
  // somebody plays the instrument at the other UART: advance() ends at each piece of what it hears
  plug: () => {
    plugged ??= [];
  },
  say: ({ data, ms }) => board.say(Buffer.from(data, 'base64'), ms * 1e6),
};

readline.createInterface({ input: process.stdin }).on('line', async (text) => {
  const { id, command, ...words } = JSON.parse(text);
  let result = null;
  let error = null;
  try {
    result = (await commands[command](words)) ?? null;
  } catch (e) {
    error = e.message;
  }
  say({ id, result, error, time: board.now / 1e6 });
}).on('close', () => {
  // whoever started it is gone
  board.off();
  process.exit(0);
});

say({ event: 'ports', usb: usbPort, uart: uartPort, line: linePort, tcp: tcpPort });
board.on();

// A PC on the chip's network: TCP connections to it (RFC 9293, as much as a client needs on a wire that loses hardly a byte), and
// UDP. Time is the chip's: tick() is called every TICK ns.

export const TICK = 20e6;
const TCP = 6;
const UDP = 17;
const FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16;
const AGAIN = 25; // ticks until what is not acknowledged is sent again, twice as many each time, up to
const SELDOM = 400;
const TRIES = 12;
const AHEAD = 1600; // bytes of a connection that may be under way: the chip's UART holds some KB
const HELD = 32 * 1024; // bytes that wait for a program which does not read
const FIRST_PORT = 49152;

const between = (a, b) => (b - a) | 0; // of sequence numbers

function checksum(...parts) {
  let sum = 0;
  for (const part of parts) {
    for (let i = 0; i < part.length; i += 2) {
      sum += (part[i] << 8) | (part[i + 1] ?? 0);
    }
  }
  while (sum > 0xffff) {
    sum = (sum & 0xffff) + (sum >>> 16);
  }
  return ~sum & 0xffff;
}

class Connection {
  // `program` has data(bytes), opened(), ended() when the chip sends no more, closed(why) and room(), the bytes that it takes
  constructor(pc, local, remote, program) {
    Object.assign(this, { pc, local, remote, program });
    this.first = this.una = this.next = (local * 0x10001) | 0; // sequence numbers: of what is not acknowledged, to send
    this.waiting = Buffer.alloc(0); // from `una` on
    this.window = 0;
    this.mss = 536;
    this.state = 'opening';
    this.ending = this.closing = this.ended = this.over = false; // we end, the chip knows, it does, nobody listens any more
    this.sleeps = false; // the computer it is on neither hears nor says anything
    this.ticks = 0;
    this.tries = 0;
    this.told = HELD;
    this.flags(SYN);
    this.next = (this.next + 1) | 0;
  }

  flags(flags, data = Buffer.alloc(0), at = this.next) {
    const header = Buffer.alloc(flags & SYN ? 24 : 20);
    header.writeUInt16BE(this.local, 0);
    header.writeUInt16BE(this.remote, 2);
    header.writeInt32BE(at, 4);
    header.writeInt32BE(this.received ?? 0, 8);
    header[12] = header.length << 2;
    header[13] = flags;
    this.told = Math.max(0, Math.min(HELD, this.over ? HELD : this.program.room()));
    header.writeUInt16BE(this.told, 14);
    if (flags & SYN) {
      header.set([2, 4, 800 >> 8, 800 & 0xff], 20);
    }
    this.pc.send(TCP, header, data, 16);
  }

  // gives whether there is room for more
  write(bytes) {
    this.waiting = Buffer.concat([this.waiting, bytes]);
    this.push();
    return this.waiting.length < HELD;
  }

  // no more comes from us
  end() {
    this.ending = true;
    this.push();
  }

  // the program is gone
  close(unread = false) {
    this.over = true;
    if (unread || this.state === 'opening') {
      this.abort();
    } else {
      this.end();
    }
  }

  abort(why = null) {
    if (this.state !== 'closed') {
      if (!why) {
        this.flags(RST | ACK);
      }
      this.finish(why ?? 'closed');
    }
  }

  finish(why) {
    this.state = 'closed';
    this.pc.connections.delete(this.local);
    if (!this.over) {
      this.program.closed(why);
    }
  }

  // the program has read: the chip may send again
  taken() {
    if (this.state === 'open' && this.told < HELD / 2 && this.program.room() > this.told) {
      this.flags(ACK);
    }
  }

  // send what may be sent
  push() {
    if (this.state !== 'open') {
      return;
    }
    const all = this.waiting.length;
    while (true) {
      const sent = between(this.una, this.next); // one more than there is when the end is among it
      const n = Math.min(this.mss, Math.min(this.window, AHEAD) - sent, all - sent);
      // no small pieces only because there is no more room: they take as much of the chip's buffers as long ones
      if (n <= 0 || (n < this.mss && n < all - sent)) {
        break;
      }
      this.flags(ACK | PSH, this.waiting.subarray(sent, sent + n));
      this.next = (this.next + n) | 0;
    }
    if (this.ending && !this.closing && between(this.una, this.next) === all) {
      this.flags(FIN | ACK);
      this.next = (this.next + 1) | 0;
    }
  }

  take(flags, sequence, acknowledged, window, data, mss) {
    if (flags & RST) {
      this.finish(this.state === 'opening' ? 'refused' : 'reset');
      return;
    }
    if (this.state === 'opening') {
      if ((flags & (SYN | ACK)) !== (SYN | ACK)) {
        return;
      }
      this.received = (sequence + 1) | 0;
      this.una = acknowledged;
      this.mss = Math.min(mss ?? this.mss, 800);
      this.window = window;
      this.state = 'open';
      this.ticks = this.tries = 0;
      this.flags(ACK);
      this.program.opened();
      this.push();
      return;
    }
    const gone = between(this.una, acknowledged);
    if (gone > 0 && between(acknowledged, this.next) >= 0) {
      this.waiting = this.waiting.subarray(Math.min(gone, this.waiting.length));
      this.una = acknowledged;
      this.ticks = this.tries = 0;
      this.closing = this.ending && between(this.una, this.next) === 0 && !this.waiting.length;
    }
    this.window = window;
    this.accept(flags, sequence, data);
    if (this.state === 'open') {
      this.push();
      if (this.closing && this.ended) {
        this.finish('ended');
      }
    }
  }

  accept(flags, sequence, data) {
    const before = between(sequence, this.received); // bytes that came before
    const fresh = data.subarray(Math.max(before, 0));
    if (before < 0 || (!data.length && !(flags & (FIN | SYN)))) {
      if (before < 0) {
        this.flags(ACK); // something is missing
      }
      return;
    }
    if (fresh.length && this.over) {
      this.abort(); // nobody will read it
      return;
    }
    if (fresh.length > this.told) {
      this.flags(ACK);
      return;
    }
    this.received = (this.received + fresh.length) | 0;
    if (fresh.length) {
      this.program.data(fresh);
    }
    if (flags & FIN && !this.ended) {
      this.ended = true;
      this.received = (this.received + 1) | 0;
      if (!this.over) {
        this.program.ended();
      }
    }
    this.flags(ACK);
  }

  tick() {
    const idle = this.una === this.next && !this.waiting.length;
    if (idle) {
      this.ticks = 0;
      return;
    }
    if (++this.ticks < Math.min(AGAIN << this.tries, SELDOM)) {
      return;
    }
    this.ticks = 0;
    if (++this.tries > TRIES) {
      this.abort('no answer');
    } else if (this.state === 'opening') {
      this.flags(SYN, undefined, this.first);
    } else {
      this.next = this.una;
      this.push();
      if (this.una === this.next) {
        // little room at the other end, or none: a byte more asks for it
        const n = Math.min(Math.max(this.window, 1), this.mss, this.waiting.length);
        this.flags(ACK | PSH, this.waiting.subarray(0, n));
        this.next = (this.next + n) | 0;
      }
    }
  }
}

export class Pc {
  // `put` takes IPv4 packets for the chip; addresses are arrays of four bytes
  constructor(ours, its, put) {
    Object.assign(this, { ours, its, put });
    this.connections = new Map(); // by our port
    this.ears = new Map(); // by our port: (bytes, the chip's port) of a datagram
    this.ports = 0;
    this.packets = 0;
  }

  port() {
    return FIRST_PORT + (this.ports++ % (65536 - FIRST_PORT));
  }

  connect(remote, program) {
    const connection = new Connection(this, this.port(), remote, program);
    this.connections.set(connection.local, connection);
    return connection;
  }

  // a datagram to all on the network; `hear(bytes, port)` gets those that come back to this port
  broadcast(remote, data, hear) {
    const header = Buffer.alloc(8);
    const local = this.port();
    this.ears.set(local, hear);
    header.writeUInt16BE(local, 0);
    header.writeUInt16BE(remote, 2);
    header.writeUInt16BE(8 + data.length, 4);
    this.send(UDP, header, data, 6, [255, 255, 255, 255]);
  }

  send(protocol, header, data, check, to = this.its) {
    const n = header.length + data.length;
    const pseudo = [...this.ours, ...to, 0, protocol, n >> 8, n & 0xff];
    header.writeUInt16BE(checksum(pseudo, header.length & 1 ? [] : header, data), check);
    const ip = Buffer.alloc(20);
    ip[0] = 0x45;
    ip.writeUInt16BE(20 + n, 2);
    ip.writeUInt16BE(this.packets++ & 0xffff, 4);
    ip[8] = 64;
    ip[9] = protocol;
    ip.set(this.ours, 12);
    ip.set(to, 16);
    ip.writeUInt16BE(checksum(ip), 10);
    this.put(Buffer.concat([ip, header, data]));
  }

  take(packet) {
    const from = (packet[0] & 15) * 4;
    const whole = packet.readUInt16BE(2);
    if (packet[0] >> 4 !== 4 || whole > packet.length || checksum(packet.subarray(0, from)) || packet[6] & 0x3f) {
      return;
    }
    const body = packet.subarray(from, whole);
    if (packet[9] === UDP && body.length >= 8) {
      this.ears.get(body.readUInt16BE(2))?.(body.subarray(8), body.readUInt16BE(0));
    } else if (packet[9] === TCP && body.length >= 20) {
      const n = (body[12] >> 4) * 4;
      const mss = body[20] === 2 && n > 20 ? body.readUInt16BE(22) : undefined;
      const connection = this.connections.get(body.readUInt16BE(2));
      const [sequence, acknowledged] = [body.readInt32BE(4), body.readInt32BE(8)];
      if (connection && !connection.sleeps && connection.remote === body.readUInt16BE(0)) {
        connection.take(body[13], sequence, acknowledged, body.readUInt16BE(14), body.subarray(n), mss);
      }
    }
  }

  tick() {
    for (const connection of [...this.connections.values()]) {
      if (!connection.sleeps) {
        connection.tick();
      }
    }
  }
}

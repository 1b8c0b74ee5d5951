// The PC's end of a point-to-point link (PPP) at a UART of the chip: frames (RFC 1662), and as much of LCP (RFC 1661) and IPCP
// (RFC 1332) as it takes to give the chip its address. What goes through are IPv4 packets.

const FLAG = 0x7e;
const ESCAPE = 0x7d;
const GOOD = 0xf0b8; // the check over a whole frame
const LCP = 0xc021;
const IPCP = 0x8021;
const IP = 0x0021;
const REQUEST = 1, ACK = 2, NAK = 3, REJECT = 4, TERMINATE = 5, TERMINATED = 6, PROTOCOL_REJECT = 8, ECHO = 9, ECHOED = 10;
const ACCM = 2; // an option of LCP: which bytes have to be escaped
const LCP_TAKEN = [1, ACCM, 5, 7, 8]; // MRU, ACCM, magic number, compressed protocol, and address and control
const ADDRESS = 3; // an option of IPCP
const LONGEST = 2000;

const CRC = new Uint16Array(256).map((_, n) => {
  for (let i = 0; i < 8; i++) {
    n = n & 1 ? (n >>> 1) ^ 0x8408 : n >>> 1;
  }
  return n;
});

const crc = (bytes) => bytes.reduce((sum, byte) => (sum >>> 8) ^ CRC[(sum ^ byte) & 0xff], 0xffff);

// [[type, the option's bytes], ...]
function options(bytes) {
  const found = [];
  for (let at = 0; at + 1 < bytes.length && bytes[at + 1] >= 2; at += bytes[at + 1]) {
    found.push([bytes[at], bytes.slice(at, at + bytes[at + 1])]);
  }
  return found;
}

export class Ppp {
  // `send` takes bytes for the chip, `onPacket` IPv4 packets from it; addresses are arrays of four bytes, ours and the chip's
  constructor(ours, its, send, onPacket) {
    Object.assign(this, { ours, its, send, onPacket });
    this.frame = [];
    this.number = 0;
    this.up = false;
  }

  feed(byte) {
    if (byte === FLAG) {
      const frame = this.frame;
      this.frame = [];
      this.escaped = false;
      if (frame.length > 4 && crc(frame) === GOOD) {
        this.take(frame.slice(0, -2));
      }
    } else if (byte === ESCAPE) {
      this.escaped = true;
    } else if (this.frame.length < LONGEST) {
      this.frame.push(this.escaped ? byte ^ 0x20 : byte);
      this.escaped = false;
    }
  }

  // an IPv4 packet for the chip; lost where there is no link
  packet(bytes) {
    if (this.up) {
      this.put(IP, bytes);
    }
  }

  put(protocol, bytes) {
    const frame = [0xff, 0x03, protocol >> 8, protocol & 0xff, ...bytes];
    const check = crc(frame) ^ 0xffff;
    frame.push(check & 0xff, check >> 8);
    // the chip's map of bytes to escape is not asked for: all below 0x20 are until the link is up, none of them later
    const escaped = (byte) => byte === FLAG || byte === ESCAPE || (byte < 0x20 && !(this.up && protocol === IP));
    this.send([FLAG, ...frame.flatMap((byte) => (escaped(byte) ? [ESCAPE, byte ^ 0x20] : [byte])), FLAG]);
  }

  take(frame) {
    let at = frame[0] === 0xff && frame[1] === 0x03 ? 2 : 0;
    let protocol = frame[at++];
    if (!(protocol & 1)) {
      protocol = (protocol << 8) | frame[at++];
    }
    const bytes = frame.slice(at);
    if (protocol === IP) {
      this.onPacket(Buffer.from(bytes));
    } else if (protocol === LCP || protocol === IPCP) {
      const [code, id, high, low] = bytes;
      this.negotiate(protocol, code, id, bytes.slice(4, (high << 8) | low));
    } else {
      this.say(LCP, PROTOCOL_REJECT, ++this.number, [protocol >> 8, protocol & 0xff, ...bytes]);
    }
  }

  say(protocol, code, id, data) {
    const n = data.length + 4;
    this.put(protocol, [code, id, n >> 8, n & 0xff, ...data]);
  }

  negotiate(protocol, code, id, data) {
    if (code === REQUEST) {
      this.answer(protocol, id, options(data));
    } else if (code === ACK && protocol === IPCP) {
      this.up = true;
    } else if (code === TERMINATE) {
      this.up = false;
      this.say(protocol, TERMINATED, id, []);
    } else if (code === ECHO && protocol === LCP) {
      this.say(protocol, ECHOED, id, [0, 0, 0, 0, ...data.slice(4)]);
    }
  }

  // a request of the chip's is answered, and ours is made beside it: no byte is lost on this line
  answer(protocol, id, wanted) {
    const taken = protocol === LCP ? LCP_TAKEN : [ADDRESS];
    const refused = wanted.filter(([type]) => !taken.includes(type));
    const other = [ADDRESS, 6, ...this.its];
    if (protocol === LCP) {
      this.up = false;
    }
    if (refused.length) {
      this.say(protocol, REJECT, id, refused.flatMap(([, bytes]) => bytes));
    } else if (protocol === IPCP && !wanted.some(([, bytes]) => `${bytes}` === `${other}`)) {
      this.say(protocol, NAK, id, other);
    } else {
      this.say(protocol, ACK, id, wanted.flatMap(([, bytes]) => bytes));
      this.say(protocol, REQUEST, ++this.number, protocol === LCP ? [ACCM, 6, 0, 0, 0, 0] : [ADDRESS, 6, ...this.ours]);
    }
  }
}

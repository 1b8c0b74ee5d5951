// A PC at the RP2040's USB port: enumerates the device, opens its CDC interface for one client after the other, and takes what
// it sends only as long as the client does. The emulator's own host takes everything at once and keeps asking for nothing.

const AVAILABLE = 1 << 10;
const FULL = 1 << 15;
const LENGTH = 0x3ff;
const DOUBLE = 1 << 30; // in an endpoint's control register
const BUFFER_CONTROL = 0x80;
const SECOND = 64; // where the second buffer of an endpoint begins, after the first one
const SOF_READ = 0x48;
const INTERRUPT_ENABLE = 0x90;
const SOF = 1 << 17; // of the interrupts
const FRAME = 1e6; // ns
const PACKET = 50000; // ns for 64 bytes, at full speed and beside others
const ROOM = 64 * 1024; // bytes that wait for a client that does not read, in the PC

const SET_ADDRESS = [0x00, 5, 1, 0, 0, 0, 0, 0];
const CONFIGURATION = [0x80, 6, 0, 2, 0, 0];
const SET_CONFIGURATION = [0x00, 9, 1, 0, 0, 0, 0, 0];
const LINE_CODING = [0x21, 0x20, 0, 0, 0, 0, 7, 0];
const CODING = [0x00, 0xc2, 0x01, 0x00, 0, 0, 8]; // 115200 8N1
const LINE_STATE = [0x21, 0x22];

export class Host {
  constructor() {
    this.client = null; // a stream: what the device sends is written to it
    this.input = []; // buffers from the client that the device has not taken yet
    this.waiting = 0; // bytes in them
  }

  // plug it into a chip that was just made
  attach(chip) {
    const usb = chip.usbCtrl;
    this.chip = chip;
    this.usb = usb;
    this.requests = [];
    this.request = null;
    this.out = {}; // endpoint -> length the device waits for
    this.in = {}; // endpoint -> packets the device has ready
    this.taking = {};
    this.giving = false;
    this.configured = false;
    usb.onUSBEnabled = () => usb.resetDevice();
    usb.onResetReceived = () => this.enumerate();
    usb.DPRAMUpdated = (offset, value) => this.updated(offset, value);
    let framing = false;
    const frame = chip.clock.createAlarm(() => {
      framing = !!(usb.intEnable & SOF);
      if (framing) {
        usb.sofFrameNumber = (usb.sofFrameNumber + 1) & 0x7ff;
        usb.intRaw |= SOF;
        usb.checkInterrupts();
        frame.schedule(FRAME);
      }
    });
    const [read, write] = [usb.readUint32.bind(usb), usb.writeUint32.bind(usb)];
    usb.readUint32 = (offset) => {
      if (offset === SOF_READ) {
        usb.intRaw &= ~SOF;
        usb.checkInterrupts();
      }
      return read(offset);
    };
    usb.writeUint32 = (offset, value) => {
      write(offset, value);
      if (offset === INTERRUPT_ENABLE && value & SOF && !framing) {
        framing = true;
        frame.schedule(FRAME);
      }
    };
  }

  // ---- what the client does

  open(client) {
    this.client = client;
    this.state(3);
    this.pump();
  }

  close() {
    this.client = null;
    this.input = [];
    this.waiting = 0;
    this.state(0);
  }

  // gives whether there is room for more
  send(data) {
    this.input.push(data);
    this.waiting += data.length;
    this.pump();
    return this.waiting < ROOM;
  }

  // the client takes again
  resume() {
    for (const endpoint of Object.keys(this.in ?? {})) {
      this.take(Number(endpoint));
    }
  }

  // ---- requests on endpoint 0, one after the other

  enumerate() {
    this.requests = [];
    this.request = null;
    this.out = {};
    this.in = {};
    this.configured = false;
    let size = 9;
    this.ask(SET_ADDRESS);
    this.ask([...CONFIGURATION, size, 0], (found) => {
      size = found[2] | (found[3] << 8);
      this.ask([...CONFIGURATION, size & 0xff, size >> 8], (all) => {
        this.find(all);
        this.ask(SET_CONFIGURATION, () => {
          this.configured = true;
          this.ask(LINE_CODING, null, CODING);
          this.state(this.client ? 3 : 0);
          this.pump();
        });
      });
    });
  }

  state(lines) {
    if (this.configured) {
      this.ask([...LINE_STATE, lines, 0, 0, 0, 0, 0]);
    }
  }

  ask(setup, done, data) {
    this.requests.push({ setup: Uint8Array.from(setup), done, data, got: [], inwards: !!(setup[0] & 0x80) });
    if (!this.request) {
      this.next();
    }
  }

  next() {
    this.request = this.requests.shift() ?? null;
    if (this.request) {
      delete this.out[0];
      this.usb.sendSetupPacket(this.request.setup);
    }
  }

  // the device sent this on endpoint 0
  control(packet) {
    const { request } = this;
    if (!request) {
      return;
    }
    if (!request.inwards) {
      this.finish();
      return;
    }
    request.got.push(...packet);
    const wanted = request.setup[6] | (request.setup[7] << 8);
    if (packet.length < 64 || request.got.length >= wanted) {
      request.confirm = true; // an empty packet outwards ends it
      this.pumpControl();
    }
  }

  pumpControl() {
    const { request } = this;
    if (!request || this.out[0] === undefined) {
      return;
    }
    if (request.confirm) {
      this.give(0, new Uint8Array(0));
      this.finish();
    } else if (!request.inwards && request.data) {
      this.give(0, Uint8Array.from(request.data));
      request.data = null;
    }
  }

  finish() {
    const { request } = this;
    request.done?.(request.got);
    this.next();
  }

  // the endpoints of the interface that carries data
  find(descriptors) {
    let data = false;
    for (let i = 0; i < descriptors.length && descriptors[i] > 1; i += descriptors[i]) {
      const [, kind, address, attributes, , kindOfInterface] = descriptors.slice(i, i + 6);
      if (kind === 4) {
        data = kindOfInterface === 10;
      } else if (kind === 5 && data && (attributes & 3) === 2) {
        this[address & 0x80 ? 'dataIn' : 'dataOut'] = address & 0xf;
      }
    }
  }

  // ---- packets

  updated(offset, value) {
    if (this.usb.hostMode || offset < BUFFER_CONTROL || offset >= BUFFER_CONTROL + 0x80 || !(value & AVAILABLE)) {
      return;
    }
    const endpoint = (offset - BUFFER_CONTROL) >> 3;
    const memory = this.chip.usbDPRAM;
    if (offset & 4) {
      this.out[endpoint] = value & LENGTH;
      if (endpoint) {
        this.pump();
      } else {
        this.pumpControl();
      }
      return;
    }
    const at = this.usb.getEndpointBufferOffset(endpoint, false);
    const packets = [memory.slice(at, at + (value & LENGTH))];
    const second = value >>> 16;
    if (endpoint && this.usb.readEndpointControlReg(endpoint, false) & DOUBLE && second & AVAILABLE) {
      packets.push(memory.slice(at + SECOND, at + SECOND + (second & LENGTH)));
    }
    this.in[endpoint] = packets;
    this.take(endpoint);
  }

  // take what the device has ready, when the client is ready for it
  take(endpoint) {
    const packets = this.in[endpoint];
    if (!packets || this.taking[endpoint] || (endpoint && !this.takes())) {
      return;
    }
    this.taking[endpoint] = true;
    const alarm = this.chip.clock.createAlarm(() => {
      this.taking[endpoint] = false;
      if (this.in[endpoint] !== packets) {
        return;
      }
      delete this.in[endpoint];
      const at = BUFFER_CONTROL + 8 * endpoint;
      const words = this.chip.usbDPRAMView;
      const both = AVAILABLE | FULL;
      words.setUint32(at, words.getUint32(at, true) & ~(packets.length > 1 ? both | (both << 16) : both), true);
      this.usb.indicateBufferReady(endpoint, false);
      for (const packet of packets) {
        if (!endpoint) {
          this.control(packet);
        } else if (endpoint === this.dataIn) {
          this.client?.write(packet);
        }
      }
    });
    alarm.schedule(PACKET * packets.length);
  }

  takes() {
    return this.client !== null && !this.client.writableNeedDrain;
  }

  // hand the device what came from the client, as much as it waits for
  pump() {
    const size = this.out?.[this.dataOut];
    if (!this.configured || size === undefined || !this.input.length || this.giving) {
      return;
    }
    this.giving = true;
    const chip = this.chip;
    chip.clock.createAlarm(() => {
      this.giving = false;
      if (chip !== this.chip || !this.input.length || this.out[this.dataOut] === undefined) {
        return;
      }
      let packet = this.input.shift();
      if (packet.length > size) {
        this.input.unshift(packet.subarray(size));
        packet = packet.subarray(0, size);
      }
      this.waiting -= packet.length;
      this.give(this.dataOut, packet);
      if (this.waiting < ROOM) {
        this.client?.resume?.();
      }
    }).schedule(PACKET);
  }

  give(endpoint, packet) {
    delete this.out[endpoint];
    const at = BUFFER_CONTROL + 8 * endpoint + 4;
    const words = this.chip.usbDPRAMView;
    words.setUint32(at, words.getUint32(at, true) & ~AVAILABLE, true);
    this.usb.finishRead(endpoint, packet);
  }
}

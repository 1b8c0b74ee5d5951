// An SPI bus: the chip's peripheral, with models that hear the bytes while their chip select is low.

const POLARITY = 1 << 6; // of SSPCR0
const PHASE = 1 << 7;

export class SPI {
  // `bus`: its id, the pins of its lines, and those at which its chips have their selects
  constructor(bus, wires, models) {
    Object.assign(this, bus);
    this.wires = wires;
    this.models = models;
    for (const pin of this.selects) {
      wires.pulls[pin] = 1;
      let before = 1;
      wires.watchers[pin] = () => {
        const level = wires.level(pin);
        if (level !== before) {
          before = level;
          models.events.push([pin, level]);
        }
      };
    }
  }

  attach(chip) {
    const p = chip.spi[this.id];
    let byte;
    const alarm = chip.clock.createAlarm(() => {
      const selected = this.selects.some((pin) => !this.wires.level(pin));
      const mode = [p.control0 & POLARITY ? 1 : 0, p.control0 & PHASE ? 1 : 0];
      const { sck, mosi, miso, wires } = this;
      const heard = selected && !(sck in wires.shorted);
      const answer = heard ? this.models.ask('spi', this.id, mode, this.shorted(mosi) ?? byte) : 0;
      p.completeTransmit(this.shorted(miso) ?? answer);
    });
    p.onTransmit = (value) => {
      byte = value;
      alarm.schedule((p.dataBits * 1e9) / (p.clockFrequency || 1e6));
    };
  }

  // the byte that is on a line which is shorted, else null
  shorted(pin) {
    return pin in this.wires.shorted ? 0xff * this.wires.shorted[pin] : null;
  }

  broken() {}
}

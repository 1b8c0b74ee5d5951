// What the pins of the emulated board are wired to: the heated block of boards/HOST/plant.py, whose numbers are handed over,
// in emulated time, heated by what is on the heater's pin.

const STEP = 0.01; // s, of the integration
const MISSING = [512, 1536, 2560, 3584]; // counts at which an RP2040's ADC makes larger steps

export class Plant {
  // `numbers`: as class Plant of plant.py has them, with beta and t25 of its thermistors
  constructor(numbers) {
    Object.assign(this, numbers);
    this.block = this.sensor = this.surroundings;
    this.broken = 'none';
    this.age = 0; // s
    this.since = 0;
    this.stuck = null;
    this.random = dice(1);
  }

  fault(name) {
    this.broken = name;
    this.stuck = null;
    this.since = this.age;
  }

  power(duty) {
    if (this.broken === 'heater_open') {
      return 0;
    }
    if (this.broken === 'transistor_short') {
      return this.full_power;
    }
    return duty * this.full_power * (this.broken === 'supply_sag' ? 0.33 : 1);
  }

  // `seconds` have passed, the pin was high for `duty` of them
  advance(seconds, duty) {
    const lag = this.lag * (this.broken === 'sensor_slow' ? 10 : 1);
    for (let left = seconds; left > 0; left -= STEP) {
      const dt = Math.min(left, STEP);
      this.age += dt;
      const flow = this.power(duty) - this.loss * (this.block - this.surroundings);
      this.block += (flow / this.capacity) * dt;
      const off = this.surroundings + 0.1 * (this.block - this.surroundings);
      this.sensor += (((this.broken === 'sensor_off' ? off : this.block) - this.sensor) / lag) * dt;
    }
  }

  sensorRatio() {
    switch (this.broken) {
      case 'sensor_open':
        return 1;
      case 'sensor_short':
        return 0;
      case 'sensor_stuck':
        return (this.stuck ??= this.ratio(this.sensor));
      case 'adc_glitch':
        if (this.random() < 0.01) {
          return this.random();
        }
    }
    const drift = this.broken === 'sensor_drift' ? 0.05 * (this.age - this.since) : 0;
    return this.ratio(this.sensor - drift) + this.noise() * (this.broken === 'sensor_noisy' ? 20 : 1);
  }

  outside() {
    return 23.2 + 0.8 * Math.sin((this.age / 600) * 2 * Math.PI);
  }

  outsideRatio() {
    return this.ratio(this.outside()) + this.noise();
  }

  noise() {
    return (this.random() + this.random() + this.random() - 1.5) * 0.0014;
  }

  // of an NTC to ground, a resistor as large as it is at t25 to the reference
  ratio(temperature) {
    const resistance = Math.exp(this.beta * (1 / (temperature + this.kelvin) - 1 / this.t25));
    return resistance / (1 + resistance);
  }
}

// the same numbers every time, 0 to 1: what happened once happens again
function dice(seed) {
  return () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
}

// a ratio as the ADC's 12 bits
export function counts(ratio) {
  let code = Math.floor(ratio * 4096);
  for (const missing of MISSING) {
    if (code >= missing) {
      code -= code - missing < 8 ? Math.min(code - missing, 7) : 0;
    }
  }
  return Math.min(Math.max(code, 0), 4095);
}

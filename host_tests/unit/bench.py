"""A heated block on the bench for the control, the same at both levels: its noise is a row of numbers of its own."""

from control.total import Total


class Bench:
    """Temperatures in degC: as boards/HOST/plant.py, and with a dead time (s) on request."""

    surroundings = 25.0

    def __init__(self, capacity=40.0, loss=0.2, lag=1.5, noise=0.03, seed=1, dead=0.0, dt=0.2, start=25.0):
        self._capacity = capacity
        self._loss = loss
        self._lag = lag
        self._noise = noise
        self._seed = seed
        self._dt = dt
        self._waiting = [0.0] * round(dead / dt)
        self._block = Total(start)
        self._sensor = Total(start)

    @property
    def block(self):
        return self._block.value

    @property
    def sensor(self):
        return self._sensor.value

    def _random(self):
        # 0 to 1; small integers, as a board has them
        self._seed = (self._seed * 8121 + 28411) % 134456
        return self._seed / 134456

    def read(self):
        """What the sensor says, with noise."""
        return self.sensor + (self._random() + self._random() + self._random() - 1.5) * 2 * self._noise

    def heat(self, power):
        """A step of `dt` s with `power` W."""
        self._waiting.append(power)
        power = self._waiting.pop(0)
        dt = self._dt / 4
        for _ in range(4):
            flow = power - self._loss * (self.block - self.surroundings)
            self._block.add(flow / self._capacity * dt)
            self._sensor.add((self.block - self.sensor) / self._lag * dt)

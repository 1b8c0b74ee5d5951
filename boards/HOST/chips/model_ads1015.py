"""TI's ADS1015: an ADS1115 of 12 bits, and faster."""

import model_ads1115


class Model(model_ads1115.Model):
    RATES = (128, 250, 490, 920, 1600, 2400, 3300)
    UNUSED = 4

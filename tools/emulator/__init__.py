"""Boards that are not there: the simulated one, and a real RP2040's firmware on an emulated chip."""

"""MicroPython and the emulator's chip firmware, built here; linters; the virtual environment."""

"""Freezes secnode into MicroPython for this board, beside what it has anyway: FROZEN_MANIFEST=<this file>."""

# ruff: noqa: F821 - MicroPython's reader of manifests gives these names
include("$(PORT_DIR)/boards/manifest.py")
include("../manifest.py")

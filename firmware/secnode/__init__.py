"""SECoP for MicroPython: a SEC node's modules, messages and sessions."""

VERSION = "0.1.0"

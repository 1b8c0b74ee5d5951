# make run [NODE=example_heater] [PORT=10767] [HOST=127.0.0.1] [SPEED=1] [CLIENTS=] [SERIAL=] [BAUDRATE=115200]
#          [PYTHON=python3] [BOARD=HOST]
# make talk [HOST=127.0.0.1] [PORT=10767], make monitor [HOST=127.0.0.1] [PORT=10767] [CSV=log.csv],
# make discover, make describe [NODE=example_heater], make test [ARGS=...],
# make test-rp2040 [ARGS=...],
# make lint, make bench [ARGS=...], make fuzz [N=1000000] [SEED=1], make soak [MINUTES=30], make report [ARGS=--check]
# make micropython BOARD=RPI_PICO_W FIRMWARE=FILE [PORT=/dev/ttyACM0], make micropython BOARD=RPI_PICO FROZEN=1,
# make selftest [BOARD=RPI_PICO_W] [PORT=/dev/ttyACM0]
# make configure [FILE=node.toml] [PORT=/dev/ttyACM0] [ARGS=--keys], make flash BOARD=RPI_PICO_W [NODE=example_heater] [PORT=/dev/ttyACM0]

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

.PHONY: run talk monitor discover describe micropython flash selftest configure test test-rp2040 lint bench fuzz soak report

# the chip in an emulator needs more than the standard library
ifeq ($(BOARD),RPI_PICO)
run: .venv/tools
	@$(VENV) tools run '$(NODE)' --board '$(BOARD)' --speed '$(SPEED)'
else
run:
	@$(SECNODE) run '$(NODE)' --board '$(BOARD)' --host '$(HOST)' --port '$(PORT)' --speed '$(SPEED)' --clients '$(CLIENTS)' \
		--serial '$(SERIAL)' --baudrate '$(BAUDRATE)' --python '$(PYTHON)'
endif

describe:
	@$(SECNODE) describe '$(NODE)' --board '$(BOARD)' --pretty

discover:
	@$(SECNODE) discover

monitor: .venv/tools
	@$(VENV) tools monitor '$(HOST):$(PORT)' $(if $(CSV),--csv '$(CSV)')

talk: .venv/tools
	@$(VENV) tools talk '$(HOST):$(PORT)'

# a board and a port of a user's own: what stands above is of the simulated board
OWN = --board '$(if $(filter file,$(origin BOARD)),,$(BOARD))' --port '$(if $(filter file,$(origin PORT)),,$(PORT))'

micropython: .venv/tools
	@$(VENV) tools micropython $(OWN) --firmware '$(FIRMWARE)' $(if $(FROZEN),--frozen)

flash: .venv/tools
	@$(VENV) tools flash $(OWN) --node '$(NODE)'

configure: .venv/tools
	@$(VENV) tools configure '$(FILE)' --port '$(if $(filter file,$(origin PORT)),,$(PORT))' $(ARGS)

selftest: .venv/tools
	@$(VENV) tools selftest $(OWN) $(ARGS)

test: .venv/ready
	@$(VENV) pytest $(ARGS)

test-rp2040: .venv/ready
	@$(VENV) host_tests.rp2040 $(ARGS)

lint: .venv/ready
	@$(VENV) tools.common.lint

bench: .venv/ready
	@$(VENV) host_tests.bench $(ARGS)

fuzz: .venv/ready
	@$(VENV) host_tests.hostile fuzz --lines '$(N)' --seed '$(SEED)' $(ARGS)

soak: .venv/ready
	@$(VENV) host_tests.hostile soak --minutes '$(MINUTES)' --seed '$(SEED)' $(ARGS)

report: .venv/ready
	@$(VENV) tools report $(ARGS)

# what the tools need, and what tests and linters need as well
.venv/tools: pyproject.toml tools/common/venv.py
	@python3 tools/common/venv.py

.venv/ready: pyproject.toml tools/common/venv.py
	@python3 tools/common/venv.py all

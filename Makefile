# Every target sets up what it needs in .venv; none uses sudo, and only install and uninstall want it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# In three processes, where there are two cores: they often wait. All tests of a file run in one of them, in their order.
PYTEST := $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder
# What the tests need beyond Python: broker, video and serial tools, a C compiler, unit verification, an RTSP server, a browser.
DEBIAN_PACKAGES := mosquitto mosquitto-clients chromium ffmpeg socat gcc libc6-dev libsqlite3-dev systemd minisign openssh-client \
	python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good gstreamer1.0-plugins-bad \
	nftables iproute2

.PHONY: demo run test test-package check docs lint types soak mutation bench screenshots deb install uninstall lock debian-packages clean help

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 16

demo: $(VENV)/runtime ## play an evening at a simulated branch (about a minute)
	@$(BIN)/python -m simulator demo

run: $(VENV)/runtime ## run the same simulated branch until Ctrl-C
	@$(BIN)/python -m simulator run

test: $(VENV)/dev $(VENV)/proxies ## run the tests
	$(PYTEST)

check: ## lint, format, types, import contracts, tests: what CI runs
	@$(MAKE) --no-print-directory -j2 --output-sync=target types $(VENV)/proxies lint
	$(PYTEST)

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

types: $(VENV)/dev
	$(BIN)/mypy

soak: $(VENV)/dev debian-packages ## the kill, power-cut and fuzz tests with their full counts, and what takes long besides
	UNLOCKED_SOAK=1 $(BIN)/python -m pytest -m "crash or fuzz"
	UNLOCKED_SOAK=1 $(BIN)/python -m pytest tests/benchmarks tests/system/test_console.py tests/system/test_faults.py tests/test_site.py

test-package: $(VENV)/dev ## install, upgrade, break and remove the package on a machine with systemd (UNLOCKED_PACKAGE=container needs root)
	UNLOCKED_PACKAGE=$${UNLOCKED_PACKAGE:-1} $(BIN)/python -m pytest --timeout=1800 --durations=0 tests/package

mutation: $(VENV)/dev ## change the core in hundreds of small ways, and list the changes that no test notices
	$(BIN)/mutmut run
	$(BIN)/mutmut results

bench: $(VENV)/dev debian-packages ## measure the swipe, the door's start-up and the recorder
	$(BIN)/python -m benchmarks

docs: $(VENV)/dev ## build the documentation as a site to be read offline, in build/docs
	@$(BIN)/python -m sphinx -q -W --keep-going -b html -c docs/site -d build/doctrees . build/docs
	@echo "build/docs/index.html"

screenshots: $(VENV)/dev debian-packages ## take the pictures in docs/console anew
	$(BIN)/python -m simulator.pictures docs/console

deb: $(VENV)/runtime ## build the Debian package in build/ (ARCH=arm64 RELEASE=trixie VERSION=1.2)
	$(BIN)/python systemd/debian/build.py $(if $(ARCH),--arch $(ARCH)) $(if $(RELEASE),--release $(RELEASE)) $(if $(VERSION),--version $(VERSION))

install: $(VENV)/runtime ## with sudo: what the package does, without a package; again after git pull for an upgrade
	@systemd/debian/by-hand install "$$($(BIN)/python systemd/debian/build.py --tree)"

uninstall: ## with sudo: stop it and take it away; settings and data stay
	@systemd/debian/by-hand uninstall

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else f"Python 3.11 to 3.13 is needed, this is {v[0]}.{v[1]}: set PYTHON=python3.11 or the like")'
	@$(PYTHON) -m venv $(VENV) || { echo "make: the venv could not be made; on Debian: apt-get install python3-venv" >&2; rm -rf $(VENV); exit 1; }

$(VENV)/runtime: requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "Setting up $(VENV) (once; about a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q controller drivers simulator # as pip does with what is not editable
	@touch $@

$(VENV)/dev: requirements-dev.txt $(VENV)/runtime
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-dev.txt
	@touch $@

debian-packages:
	@missing=$$(for p in $(DEBIAN_PACKAGES); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || printf '%s ' $$p; done); \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ]; then \
		echo "Installing from Debian: $$missing"; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	else \
		echo "The tests need some of Debian's packages. Run this once, then again make:" >&2; \
		echo "    sudo apt-get install --no-install-recommends $$missing" >&2; \
		exit 1; \
	fi

# Unpacked, not installed: installed ones would begin to serve on this machine.
$(VENV)/proxies: | $(VENV)/bin/python debian-packages
	@echo "Fetching the proxies that the tests try, nginx and caddy"
	@rm -rf $@.new && mkdir $@.new
	@cd $@.new && apt-get download -qq -o APT::Sandbox::User=root nginx caddy && for p in *.deb; do dpkg -x $$p .; done && rm *.deb
	@mv $@.new $@

lock: ## write the hash-pinned requirements anew (needs uv)
	uv pip compile pyproject.toml --extra simulator --group build --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet -o requirements.txt
	uv pip compile pyproject.toml --extra simulator --extra sso --extra dev --group build --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet -c requirements.txt -o requirements-dev.txt
	uv pip compile pyproject.toml --extra gpio --extra osdp --extra sso --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet -c requirements-dev.txt -o systemd/debian/requirements.txt

clean: ## remove the venv, what was built and what the demo left
	rm -rf $(VENV) build demo-state mutants *.egg-info .mypy_cache .ruff_cache

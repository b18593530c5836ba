# Thin front for people: every target is a short command that also works by itself.
SHELL := /bin/sh
JOBS ?= $(shell nproc)
BUILD := build/release
RONDOM := $(BUILD)/bin/rondom
TESTS ?=

.PHONY: help demo sandbox test build package bench bench-identity torture lint check-format format dependencies clean

help:
	@echo "make demo      build and run the example shop"
	@echo "make sandbox   start a stand-in for every system, to try configs/sandbox with"
	@echo "make test      build and run every test (minutes)"
	@echo "make package   build the Debian packages (build/release/packages)"
	@echo "make bench     generate data and measure (tests/bench/README.md)"
	@echo "make bench-identity   who is who on labelled people data, and what it takes of a million people"
	@echo "make torture   the long campaigns: kills, chaos, fuzzing (an hour and more)"
	@echo "make lint      clang-format and clang-tidy"

dependencies:
	@packaging/install-dependencies.sh

build: dependencies
	@mkdir -p build
	@cmake --preset release >build/configure.log || { cat build/configure.log; exit 1; }
	@cmake --build --preset release -j $(JOBS)

demo: build
	@configs/demo/run.sh $(abspath $(BUILD)) $(abspath tests/sandbox)

sandbox: build
	@python3 -B tests/sandbox/sandbox.py

test: build
	@cd $(BUILD) && ctest --output-on-failure -j $$(($(JOBS) + 1)) $(TESTS)

package: build
	@packaging/package.sh $(BUILD)

bench: build
	@tests/bench/run.sh $(abspath $(BUILD))

bench-identity: build
	@python3 -B tests/bench/identity.py $(abspath $(BUILD))
	@echo; echo "50,000 people, blocking to groups"; $(BUILD)/bin/bench-likeness 50000 2 | sed -n 1,6p
	@echo; echo "1,000,000 people, 2,000,000 records"; $(BUILD)/bin/bench-likeness 1000000 2 | sed -n 1,6p
	@echo; echo "one new record in 1,000,000 people"; $(BUILD)/bin/bench-new-record 1000000

torture: build
	@tests/torture/run.sh $(abspath $(BUILD))

lint: check-format
	@tests/layout/lint.sh

check-format:
	@packaging/install-dependencies.sh --checks
	@git ls-files '*.h' '*.hpp' '*.cpp' | xargs clang-format-14 --dry-run -Werror
	@echo "clang-format: clean"

format:
	@git ls-files '*.h' '*.hpp' '*.cpp' | xargs clang-format-14 -i

clean:
	rm -rf build

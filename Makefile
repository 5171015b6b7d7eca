# The commands of the project. `make test` is what CI runs: it needs Rust, and installs the rest itself.

CARGO ?= cargo
DENY_VERSION := 0.20.2
TOOLS := target/tools

.PHONY: run test lint fmt deny test-deps openapi dictionary bench doc

## run: the service on the embedded SQLite
run:
	$(CARGO) run --release

## test: everything that CI checks
test: test-deps lint deny
	# The integration tests start the program as it is built here, with the features that the tests are built with.
	$(CARGO) build --workspace --lib --bins --tests --locked
	$(CARGO) test --workspace --doc
	$(CARGO) test --workspace --lib --bins --tests

## lint: format, clippy and documentation, warnings denied
lint:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --locked

## deny: licences, sources and duplicate versions of the dependencies
deny: $(TOOLS)/bin/cargo-deny
	PATH="$(CURDIR)/$(TOOLS)/bin:$$PATH" $(CARGO) deny check --hide-inclusion-graph bans licenses sources

$(TOOLS)/bin/cargo-deny:
	# Unoptimised: it runs for a second and would take three minutes to build.
	$(CARGO) install --debug --locked --quiet --root $(TOOLS) cargo-deny@$(DENY_VERSION)

## test-deps: the official clients and the small tools that tests drive
test-deps:
	scripts/install-test-deps

## openapi: writes the document anew after a change of the API
openapi:
	$(CARGO) run --quiet -p keyledger -- openapi > openapi.yaml

## dictionary: writes the data dictionary anew after a change of the projections' schema
dictionary:
	$(CARGO) run --quiet -p keyledger -- projections dictionary > docs/data-dictionary.md

## bench: the benchmarks; results and method are in docs/performance.md
bench:
	bench/run

## fmt: formats the code
fmt:
	$(CARGO) fmt --all

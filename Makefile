# Everything starts here: `make demo` and `make test` install what they lack by themselves.

# One target folder outside the checkout, so that clones share what is compiled.
export CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/plimsoll/target
# The target folder does not lie in the workspace, so the wasm builder must be told where the lock file is.
export WASM_BUILD_WORKSPACE_HINT := $(CURDIR)
# The wasm builder compiles in a workspace of its own, which does not know this one's profiles.
export CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS := true
# Chosen here and for these commands alone. Evaluated when a recipe runs, after `setup`.
TOOLCHAIN = RUSTUP_TOOLCHAIN=$$(scripts/toolchain)
NODE = $(CARGO_TARGET_DIR)/debug/plimsoll
# The crates that FRAME's feature sets apply to.
PALLETS = pallet-price-oracle pallet-markets pallet-margin pallet-trading pallet-spot pallet-liquidation
FRAME = $(addprefix -p ,$(PALLETS) plimsoll-runtime)
FRAME_FEATURES = runtime-benchmarks,try-runtime
# The risk engine, the order book, the router and what runs them outside a chain.
TOOLS = -p plimsoll-primitives -p plimsoll-risk -p plimsoll-orderbook -p plimsoll-router -p conformance -p plimsoll-fuzz -p plimsoll-backtest
# A workspace of its own.
BENCH = --manifest-path tests/bench/Cargo.toml
# Always built together, so that cargo gives their dependencies the same features each time.
CHAIN = -p plimsoll-node -p plimsoll-chain-spec

.PHONY: help setup build demo run test test-rust test-tools test-e2e load check bench backtest weights clean

help:
	@echo 'make demo     the main job, from nothing to a liquidation, and the end'
	@echo 'make run      a development chain that keeps running'
	@echo 'make test     everything: pallets, runtime, risk engine, price server, the real node'
	@echo 'make test-e2e only the real node with a real client; its chain specs'
	@echo 'make load     a thousand accounts quoting and taking on the real node for 200 blocks'
	@echo 'make check    formatting, lints, feature propagation'
	@echo 'make build    the node'
	@echo 'make bench    the risk engine: errors, speed native and in wasm, other libraries beside it;'
	@echo '              the order book: weight, time and proof of its operations, by depth'
	@echo 'make backtest margins against the real history in PLIMSOLL_DATA: a table and plots'
	@echo 'make weights  measure all calls and hooks and write runtime/src/weights'

setup:
	@scripts/setup

build: setup
	$(TOOLCHAIN) cargo build --locked $(CHAIN)

demo: build
	@PLIMSOLL_NODE=$(NODE) node tests/e2e/demo.mjs $(ARGS)

run: build
	@PLIMSOLL_NODE=$(NODE) scripts/run

test: setup test-rust test-tools test-e2e

# The pallets and the runtime are tested with benchmarks and state checks on; the rest as it is. Last
# the same bits natively and in wasm, in an interpreter.
test-rust: setup
	SKIP_WASM_BUILD=1 $(TOOLCHAIN) cargo test --locked $(FRAME) --features $(FRAME_FEATURES)
	$(TOOLCHAIN) cargo test --locked $(TOOLS)
	$(TOOLCHAIN) cargo test --locked $(BENCH) -p plimsoll-bench-bits

test-tools: setup
	cd tools/price-replay && node --test test/*.test.mjs
	cd tests/e2e && node --test test/format.test.mjs test/load.test.mjs test/plain.test.mjs

# The real node with a real client, and its chain specs.
test-e2e: build
	$(TOOLCHAIN) cargo test --locked $(CHAIN)
	cd tests/e2e && PLIMSOLL_NODE=$(NODE) npm test

# Many accounts quoting and taking through the node's RPC.
load: build
	@PLIMSOLL_NODE=$(NODE) node tests/e2e/load.mjs $(ARGS)

check: setup
	$(TOOLCHAIN) cargo fmt --all -- --check
	$(TOOLCHAIN) cargo fmt --all $(BENCH) -- --check
	$(TOOLCHAIN) cargo clippy --locked $(FRAME) $(CHAIN) --all-targets -- -D warnings
	$(TOOLCHAIN) cargo clippy --locked $(TOOLS) --all-targets -- -D warnings
	$(TOOLCHAIN) cargo clippy --locked $(BENCH) --workspace --all-targets -- -D warnings
	SKIP_WASM_BUILD=1 $(TOOLCHAIN) cargo clippy --locked $(FRAME) --all-targets --features $(FRAME_FEATURES) -- -D warnings
	scripts/check-features

# The order book is measured on the runtime that the node has.
bench: build
	$(TOOLCHAIN) scripts/bench $(ARGS)

backtest: setup
	$(TOOLCHAIN) cargo run --release --locked -p plimsoll-backtest -- run $(ARGS)

weights: build
	@NODE=$(NODE) $(TOOLCHAIN) scripts/weights

clean:
	rm -rf $(CARGO_TARGET_DIR)

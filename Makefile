# `make help` lists the targets. Needed: a Rust toolchain (rustup picks the version of rust-toolchain.toml), Python 3 with
# venv, make, strace (for `make crash`), and the network for the first build.

.DEFAULT_GOAL := help
.PHONY: help run test format lint doc unit analyst crash docs fuzz bench queries scale clean

CARGO ?= cargo
PYTHON ?= python3
TARGET := $(or $(CARGO_TARGET_DIR),target)
VENV := $(TARGET)/venv
READY := $(VENV)/.ready
READY_TO_BENCH := $(VENV)/.ready-to-bench
TESTED := $(TARGET)/test-warehouse

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

run: $(READY) ## build, ingest data/raw into warehouse/ and ask DuckDB a first question
	$(CARGO) build --release --locked --package jixiao
	$(TARGET)/release/jixiao ingest --pipeline pipelines/sample.toml
	$(VENV)/bin/python tests/duckdb/ask.py warehouse "select 项目名称, 项目总预算_元, 上年预算_元 from 项目 order by 2 desc"

test: format lint doc unit analyst crash ## everything that must be green

format: ## is the code formatted as rustfmt.toml says?
	$(CARGO) fmt --all --check

lint: ## clippy with warnings as errors
	$(CARGO) clippy --workspace --all-targets --locked -- --deny warnings

doc: ## the documentation builds without a warning
	RUSTDOCFLAGS="--deny warnings" $(CARGO) doc --workspace --no-deps --locked

unit: ## unit, golden, variant, finding, end-to-end and documentation tests
	$(CARGO) test --workspace --locked

analyst: $(READY) $(READY_TO_BENCH) ## an analyst's session over the sample documents, and what other programs are told of runs
	$(CARGO) build --locked --package jixiao
	rm -rf $(TESTED)
	$(TARGET)/debug/jixiao ingest data/raw --warehouse $(TESTED) --quiet
	JIXIAO_RAW=data/raw JIXIAO_WAREHOUSE=$(TESTED) $(VENV)/bin/python tests/duckdb/test_analyst.py
	JIXIAO_RAW=data/raw JIXIAO_WAREHOUSE=$(TESTED) JIXIAO_PROGRAM=$(TARGET)/debug/jixiao \
		$(VENV)/bin/python tests/duckdb/test_operator.py
	JIXIAO_PROGRAM=$(TARGET)/debug/jixiao $(VENV)/bin/python tests/duckdb/test_nights.py
	JIXIAO_PROGRAM=$(TARGET)/debug/jixiao $(VENV)/bin/python tests/duckdb/test_first_version.py
	$(VENV)/bin/python tests/bench/bench.py --tiny --program $(TARGET)/debug/jixiao --folder $(TARGET)/bench

crash: $(READY) ## runs that are killed, refused and stopped at any point, with readers beside them (needs strace)
	$(CARGO) build --locked --package jixiao
	JIXIAO=$(TARGET)/debug/jixiao $(VENV)/bin/python -B -m unittest discover --failfast --start-directory tests/crash

docs: ## write the pages of the dictionary and of the findings anew
	$(CARGO) build --locked --package jixiao
	$(TARGET)/debug/jixiao schema > docs/dictionary.md
	$(TARGET)/debug/jixiao schema --language zh > docs/dictionary.zh.md
	$(TARGET)/debug/jixiao schema --findings > docs/findings.md

TARGET_TRIPLE = $(shell rustc -vV | sed -n 's/^host: //p')
FUZZ_FLAGS := -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
	-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
	-Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing
MINUTES ?= 10

fuzz: ## a long run of a fuzz target: make fuzz FUZZ=html MINUTES=10 (fuzz/README.md)
	mkdir -p fuzz/found/$(FUZZ) fuzz/artifacts/$(FUZZ)
	cd fuzz && RUSTC_BOOTSTRAP=1 RUSTFLAGS="$(FUZZ_FLAGS)" $(CARGO) build --release --target $(TARGET_TRIPLE)
	cd fuzz && JIXIAO_FUZZ=$(FUZZ) target/$(TARGET_TRIPLE)/release/guided -max_total_time=$$(($(MINUTES) * 60)) \
		-timeout=20 -rss_limit_mb=1024 -max_len=65536 -artifact_prefix=artifacts/$(FUZZ)/ found/$(FUZZ) corpus/$(FUZZ)

bench: $(READY_TO_BENCH) ## the program and its stages beside a rival and the limits, into docs/performance.md
	$(CARGO) build --release --locked --package jixiao --package jixiao-bench
	$(VENV)/bin/python tests/bench/bench.py --program $(TARGET)/release/jixiao --stages $(TARGET)/release/stages \
		--folder $(TARGET)/bench

QUERIED := $(TARGET)/bench/queries

queries: $(READY_TO_BENCH) ## what questions to a million forms take in DuckDB, into docs/performance.md (1 GB of disk)
	$(CARGO) build --release --locked --package jixiao
	rm -rf $(QUERIED)
	$(VENV)/bin/python tests/bench/corpus.py --folder $(QUERIED) --kind text --documents 6667 --sentences 1 --year 2020
	$(TARGET)/release/jixiao ingest $(QUERIED)/in --warehouse $(QUERIED)/small --quiet
	$(VENV)/bin/python tests/bench/queries.py grow $(QUERIED)/small $(QUERIED)/large
	$(VENV)/bin/python tests/bench/queries.py ask $(QUERIED)/large --page docs/performance.md

SIZES ?= 1000,10000,100000

scale: ## what a night costs, by how many documents there are: make scale SIZES=1000, into docs/performance.md
	$(CARGO) build --release --locked --package jixiao
	$(PYTHON) tests/scale/scale.py --program $(TARGET)/release/jixiao --sizes $(SIZES) \
		--page docs/performance.md

clean: ## remove what was built and ingested here
	rm -rf $(TARGET) warehouse

# The environment for Python is made again when the pinned versions change.
$(READY): tests/duckdb/requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

$(READY_TO_BENCH): tests/bench/requirements.txt $(READY)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

# Building and running need Go and make, nothing else. `make test` also needs
# PostgreSQL and Python; the scripts it runs find them, install them where they
# may, or say what to install.

ADDR        ?= 127.0.0.1:8080
DATA        ?= data/demo
FUZZTIME    ?= 30s
BENCH_FLAGS ?=
VERSION     ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# One static binary, and no C compiler needed to get it.
export CGO_ENABLED := 0

.DEFAULT_GOAL := help
.PHONY: help build run run-gate test quick e2e-gate failover pooler live pitr litestream test-cluster check outdated conformance compatibility sign-on acme bench pictures bench-gate bench-peers fuzz release deploy-test package-test clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The version is stamped by name, so Go need not ask git too: it would refuse to
# build in a checkout that another user owns, as in many containers.
build: ## Build bin/roster
	go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$(VERSION)" -o bin/roster ./cmd/roster

run: build ## Serve the demo data (ADDR=127.0.0.1:8080 DATA=data/demo)
	bin/roster serve --addr $(ADDR) --data $(DATA) --demo

run-gate: build ## Serve a Label Studio with the gate in front of it (ADDR=127.0.0.1:8080)
	@ADDR=$(ADDR) scripts/with-label-studio scripts/run-gate

test: ## Run everything: check, Go tests on SQLite and PostgreSQL, conformance, single sign-on, certificates, the gate
	@scripts/test

quick: ## Test in seconds what changed since the last commit (BASE=...): on SQLite, without what takes long
	@scripts/quick

check: ## Check formatting, look for mistakes and unused code, and for known vulnerabilities
	@scripts/check

outdated: ## Print newer releases of what this is built and tested with
	@scripts/outdated

conformance: build ## Drive bin/roster by the Label Studio SDKs, schemathesis and a SCIM validator
	@scripts/conformance

compatibility: build ## The same, and write docs/compatibility.md anew
	@scripts/conformance write

# dex is in a module of its own, which go fetches once. Whether the server
# passes cannot be told from the tests' own sources, so no result is kept.
sign-on: build ## Run the single sign-on tests against bin/roster
	@cd tests/oidc && ROSTER_BIN="$(CURDIR)/bin/roster" go test -count=1 ./...

# So is pebble. Most of its tests wait for certificates to be got or to end.
acme: build ## Have bin/roster get and renew its certificates from pebble, an ACME authority
	@cd tests/acme && ROSTER_BIN="$(CURDIR)/bin/roster" go test -count=1 -parallel 8 ./...

# Nor can it be told from the sources whether the gate and the upstream pass.
e2e-gate: build ## Run the gate's tests: bin/roster in front of a real Label Studio
	@ROSTER_BIN="$(CURDIR)/bin/roster" scripts/with-label-studio go test -v -count=1 -timeout 20m ./tests/gate

# It starts servers of its own, a primary and its standby.
failover: build ## Kill a PostgreSQL under bin/roster, have its standby take over, and see what was told
	@ROSTER_BIN="$(CURDIR)/bin/roster" scripts/with-postgres go test -v -count=1 -timeout 10m -run Failover ./tests/failover

pitr: build ## Have a PostgreSQL store back as it was between two operations, from an archive of its log
	@ROSTER_BIN="$(CURDIR)/bin/roster" scripts/with-postgres go test -v -count=1 -timeout 10m -run PointInTime ./tests/failover

# Litestream is in a module of its own, which go fetches once; it takes minutes to compile.
litestream: build ## Replicate the store of bin/roster by Litestream under writes, and restore it
	@go -C tests/litestream build -o $(CURDIR)/.cache/peers/litestream github.com/benbjohnson/litestream/cmd/litestream
	@cd tests/litestream && ROSTER_BIN="$(CURDIR)/bin/roster" LITESTREAM_BIN="$(CURDIR)/.cache/peers/litestream" \
		go test -v -count=1 ./...

# As root, on Linux: each server gets a host of its own, in a network namespace.
test-cluster: build ## Run gates on a PostgreSQL of Patroni and etcd, do to it what happens to machines, and judge what was told
	@ROSTER_BIN="$(CURDIR)/bin/roster" scripts/with-postgres scripts/with-cluster \
		go test -v -count=1 -timeout 60m ./tests/cluster -long

# A newer binary is built with a step of the schema that lies nowhere in the sources.
live: build ## Restart a pooler, and move the schema on, under bin/roster
	@ROSTER_BIN="$(CURDIR)/bin/roster" scripts/with-postgres scripts/with-pgbouncer go test -v -count=1 -timeout 10m ./tests/live

pooler: ## Run the store's tests through a PgBouncer in transaction mode
	@scripts/with-postgres scripts/with-pgbouncer go test -count=1 -timeout 15m ./internal/store

# Caddy and oauth2-proxy are in a module of their own, which go fetches once. What cannot
# be fetched is left out.
proxies = .cache/peers/caddy .cache/peers/oauth2-proxy
.cache/peers/caddy: tests/peers/proxies/go.mod
	-@go -C tests/peers/proxies build -o $(CURDIR)/$@ github.com/caddyserver/caddy/v2/cmd/caddy
.cache/peers/oauth2-proxy: tests/peers/proxies/go.mod
	-@go -C tests/peers/proxies build -o $(CURDIR)/$@ github.com/oauth2-proxy/oauth2-proxy/v7

# A database that does not wait for its disk would flatter every write.
bench: $(proxies) ## Run the benchmarks on SQLite and PostgreSQL (BENCH_FLAGS=...)
	@WITH_POSTGRES_DURABLE=1 scripts/with-nginx scripts/with-postgres go run ./internal/bench $(BENCH_FLAGS)

bench-gate: $(proxies) ## Of these, what the gate costs a request, beside no proxy, a bare one, nginx, Caddy and oauth2-proxy, on SQLite
	@scripts/with-nginx go run ./internal/bench -engines sqlite -only '^gate$$' $(BENCH_FLAGS)

# OpenFGA is in a module of its own, which go fetches once.
bench-peers: build ## What Roster costs beside a Django of the incumbent's make, and OpenFGA (BENCH_FLAGS=...)
	@go -C tests/peers build -o $(CURDIR)/.cache/peers/openfga github.com/openfga/openfga/cmd/openfga
	@WITH_POSTGRES_DURABLE=1 scripts/with-postgres go run ./internal/bench -peers $(BENCH_FLAGS)

# Fonts for every script in the demo's names: fonts-noto-core and fonts-noto-cjk on Debian.
pictures: ## Take the pictures in docs/images anew, in Chromium
	@ROSTER_REQUIRE_BROWSER=1 ROSTER_PICTURES=$(CURDIR)/docs/images go test ./tests/browser -count=1 -run Pictures

# Go fuzzes one target of one package at a time, so each is found and run by name.
fuzz: ## Run each fuzz target for a while (FUZZTIME=30s)
	@found=$$(go test -list '^Fuzz' ./...) || { echo "$$found"; exit 1; }; \
	echo "$$found" | \
	awk '/^Fuzz/ { name[n++] = $$1 } /^ok/ { for (i = 0; i < n; i++) print $$2, name[i]; n = 0 }' | \
	while read -r package name; do \
		echo "== $$package $$name"; \
		go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$package" </dev/null || exit 1; \
	done

# The tools are in a module of their own, tools/release, which go fetches once: some minutes.
release: ## Make everything that a release is published as, in dist (VERSION=v1.2.3)
	@scripts/release "$(VERSION)"

# helm, and what reads compose files, are in a module of their own, which go fetches once.
deploy-test: ## Hold the compose file and the chart to those who read them
	@cd tests/deploy && go test ./...

# It installs packages in a root directory of its own: as root, on Debian.
package-test: ## Make a release twice, and try what came of it: packages, image, bytes (as root, on Debian)
	@scripts/package-test

clean: ## Remove what was built or fetched (data/ stays: it is yours)
	rm -rf bin dist .cache coverage*

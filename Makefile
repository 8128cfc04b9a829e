# Postroom's targets; `make help` lists them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GO ?= go
# How many inputs `make fuzz` tries on each target. A number, not a duration:
# before Go 1.27 the end of a duration can fail a target (go.dev/issue/75804).
FUZZTIME ?= 50000x
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GOLANGCI_VERSION := 2.15.0

# need: the command $(1), from Debian's packages $(2) where it is missing. The
# two variables keep its service from being started, with systemd and without.
define need
if ! command -v $(1) >/dev/null; then \
	become=; [ "$$(id -u)" = 0 ] || become='sudo -n'; \
	if ! command -v apt-get >/dev/null || ! $$become true 2>/dev/null; then \
		echo "make: $(1) is missing. Debian, Ubuntu: sudo apt-get install $(2); elsewhere your system's package of it (macOS: brew install $(3))" >&2; \
		exit 1; \
	fi; \
	echo "make: installing $(2)"; \
	install() { $$become env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 SYSTEMD_OFFLINE=1 \
		apt-get install -qq -y --no-install-recommends $(2) </dev/null >/dev/null; }; \
	install 2>/dev/null || { $$become apt-get update -qq </dev/null && install; }; \
fi
endef

# compose: Compose as a plugin of docker, or by itself.
define compose
$$(if docker compose version >/dev/null 2>&1; then echo docker compose; else echo docker-compose; fi)
endef

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: demo
demo: ## Run everything in one process and send a mail through it
	$(GO) run ./cmd/worker dev

.PHONY: test
test: redis ## Run the tests; gets redis-server where it is missing
	$(GO) test -timeout 5m ./...

.PHONY: test-all
test-all: redis gcc chromium spamassassin oidc docker-compose ## Run all tests, with race detector, browser and spam filter, and check docker-compose.yml
	CGO_ENABLED=1 $(GO) test -race -tags browser,spamassassin -timeout 15m ./...
	POSTROOM_BACKEND=console POSTROOM_FROM=shop@example.com POSTROOM_ADMIN_PASSWORD=check $(compose) config -q

.PHONY: lint
lint: golangci-lint ## Check the code without running it
	$(GO) mod verify
	$(GO) mod tidy -diff
	$(GO) vet -tags browser,spamassassin,bench ./...
	@unformatted=$$(gofmt -l .); [ -z "$$unformatted" ] || { echo "gofmt -w" $$unformatted >&2; exit 1; }
	PATH="$(CURDIR)/bin:$$PATH" golangci-lint run ./...

.PHONY: bench
bench: redis ## Measure against a plain asynq handler, as ratios, and hold the aims
	@$(GO) test -tags bench -count 1 -timeout 40m -parallel 8 -v ./internal/bench | sed '/^=== /d; /^ *--- PASS/d'

.PHONY: torture
torture: redis ## Kill, cut and pause everything under 4,000 mails, and account for each
	@cd internal/torture && TORTURE_MAILS=$${TORTURE_MAILS:-4000} TORTURE_SECONDS=$${TORTURE_SECONDS:-90} \
		$(GO) test -count 1 -timeout 40m -run '^TestUnderFire$$' $(if $(V),-v)

.PHONY: fuzz
fuzz: redis ## Run every fuzz target on FUZZTIME (50000x) inputs
	@targets=$$($(GO) test -list '^Fuzz' ./... | awk '/^Fuzz/{names[++n]=$$1} /^ok/{for(i=1;i<=n;i++) print $$2, names[i]; n=0}'); \
	[ -n "$$targets" ] || { echo 'make fuzz: there is no fuzz target' >&2; exit 1; }; \
	while read -r package name; do \
		echo "$$package $$name"; \
		$(GO) test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 200x "$$package" </dev/null; \
	done <<<"$$targets"

.PHONY: cover
cover: redis ## Print how much of the code the tests reach, and write coverage.html
	$(GO) test -timeout 10m -coverpkg=./... -coverprofile=coverage.out ./...
	$(GO) tool cover -html=coverage.out -o coverage.html
	$(GO) tool cover -func=coverage.out | tail -n 1

.PHONY: build
build: ## Build static binaries into ./bin
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/ ./cmd/worker ./cmd/enqueue

# What the targets above need beside Go.

.PHONY: redis gcc chromium spamassassin oidc docker-compose golangci-lint
redis:
	@$(call need,redis-server,redis-server,redis)

gcc: # The race detector is written in C.
	@$(call need,gcc,gcc libc6-dev,gcc)

chromium:
	@$(call need,chromium,chromium,chromium)

spamassassin:
	@$(call need,spamassassin,spamassassin,spamassassin)

# The OAuth server that tests log in to. What was installed from which lockfile
# is noted last, so that half an installation is none.
oidc:
	@$(call need,npm,nodejs npm,node)
	@cd internal/oidctest; \
	if ! cmp -s package-lock.json node_modules/.installed; then \
		echo 'make: installing the OAuth server of the tests into internal/oidctest/node_modules, once'; \
		npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=silent </dev/null >/dev/null || { \
			echo 'make: npm could not install them (is there a way to the npm registry?); to see why: cd internal/oidctest && npm ci' >&2; exit 1; }; \
		cp package-lock.json node_modules/.installed; \
	fi

docker-compose:
	@docker compose version >/dev/null 2>&1 || { $(call need,docker-compose,docker-compose,docker-compose); }

golangci-lint:
	@export PATH="$(CURDIR)/bin:$$PATH"; \
	if [ "$$(golangci-lint version --short 2>/dev/null)" != $(GOLANGCI_VERSION) ]; then \
		echo "make: building golangci-lint $(GOLANGCI_VERSION) into ./bin, once"; \
		GOBIN="$(CURDIR)/bin" $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(GOLANGCI_VERSION); \
	fi

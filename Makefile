# What a contributor runs. `make test` is the one to remember.

GO       ?= go
FUZZTIME ?= 10s
LINT     := $(GO) tool -modfile=tools/go.mod golangci-lint

# Debian's packages of what the tests use besides Go: a C compiler for the race detector (the product needs none), a
# database and a browser.
CC_PACKAGES       := gcc libc6-dev
POSTGRES_PACKAGES := postgresql
CHROMIUM_PACKAGES := chromium fonts-liberation

.PHONY: test test-needs lint format bench bench-smoke bench-targets fuzz build generate

# All tests, with the race detector.
test: test-needs
	$(GO) vet ./...
	CGO_ENABLED=1 $(GO) test -race -p 2 -timeout 30m ./...

# Installs what is missing when it may, or else says the one line that does.
test-needs:
	@missing=''; \
	echo '#include <stdlib.h>' | $${CC:-gcc} -E - >/dev/null 2>&1 || missing="$$missing $(CC_PACKAGES)"; \
	ls /usr/lib/postgresql/*/bin/pg_ctl >/dev/null 2>&1 || command -v pg_ctl >/dev/null || missing="$$missing $(POSTGRES_PACKAGES)"; \
	command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing="$$missing $(CHROMIUM_PACKAGES)"; \
	[ -n "$$missing" ] || exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $$missing; \
	else \
		echo "The tests need more than Go here. Run:  sudo apt-get install -y$$missing" >&2; exit 1; \
	fi

lint:
	$(LINT) run ./...

# Formats every file as lint wants it.
format:
	$(LINT) fmt

# Every benchmark, one package at a time: two at once would measure each other.
bench: test-needs
	$(GO) test -run '^$$' -bench . -benchmem -p 1 -timeout 60m ./...

# The daemon's benchmarks, judged: fails where one misses its target. docs/performance.md says what they measure.
bench-targets: test-needs
	$(GO) test -run '^$$' -bench . -timeout 60m ./cmd/skein -args -targets

# Each benchmark for a moment, to see that it still works.
bench-smoke: test-needs
	$(GO) test -run '^$$' -bench . -benchtime 1x -short -p 1 -timeout 15m ./...

# Each fuzz test for FUZZTIME.
fuzz:
	@set -e; for dir in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n 1 dirname | sort -u); do \
		list=$$($(GO) test -list '^Fuzz' "$$dir"); \
		for target in $$(echo "$$list" | grep '^Fuzz'); do \
			echo "$$dir $$target"; $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$dir"; \
		done; \
	done

# Static binaries without symbol tables, in bin/.
build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o bin/ ./cmd/skein ./cmd/skein-demo

generate:
	$(GO) generate ./...

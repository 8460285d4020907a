# What a contributor runs. `make test` is the one to remember.

GO       ?= go
FUZZTIME ?= 10s

# The platforms' official descriptions of their APIs (discord-openapi.json, telegram-bot-api.json). Tests check against
# them what the adapters ask and the simulators answer.
SKEIN_SPECS ?= $(abspath ../shared/specs)
export SKEIN_SPECS
LINT     := $(GO) tool -modfile=tools/go.mod golangci-lint

# Debian's packages of what the tests use besides Go: a C compiler for the race detector (the product needs none), a
# database, a browser, npm, which fetches the check of pages for accessibility and sentences in many languages (from
# npm_config_registry, if set), and a translator.
CC_PACKAGES       := gcc libc6-dev
POSTGRES_PACKAGES := postgresql
CHROMIUM_PACKAGES := chromium fonts-liberation
NPM_PACKAGES      := npm
APERTIUM_PACKAGES := apertium apertium-eng-spa apertium-apy

.PHONY: test test-specs test-needs lint format bench bench-smoke bench-targets fuzz build generate pictures

# All tests, with the race detector. One package at a time: many of them run whole daemons, browsers and databases, whose
# deadlines are theirs to keep and not the machine's other tests'.
test: test-specs test-needs
	$(GO) vet ./...
	CGO_ENABLED=1 $(GO) test -race -p 1 -timeout 60m ./...

test-specs:
	@[ -d '$(SKEIN_SPECS)' ] || { echo "There is no folder $(SKEIN_SPECS). Run:  make test SKEIN_SPECS=FOLDER  with the folder of discord-openapi.json and telegram-bot-api.json" >&2; exit 1; }

# Installs what is missing when it may, or else says the one line that does.
test-needs:
	@missing=''; \
	echo '#include <stdlib.h>' | $${CC:-gcc} -E - >/dev/null 2>&1 || missing="$$missing $(CC_PACKAGES)"; \
	ls /usr/lib/postgresql/*/bin/pg_ctl >/dev/null 2>&1 || command -v pg_ctl >/dev/null || missing="$$missing $(POSTGRES_PACKAGES)"; \
	command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing="$$missing $(CHROMIUM_PACKAGES)"; \
	command -v npm >/dev/null || missing="$$missing $(NPM_PACKAGES)"; \
	[ -e /usr/bin/apertium-apy ] && [ -e /usr/share/apertium/modes/eng-spa.mode ] || missing="$$missing $(APERTIUM_PACKAGES)"; \
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

# Static binaries without symbol tables, in bin/. What waits for databases and networks is not inlined: nothing becomes
# slower by it, and the program 0.8 MB smaller. HTTP/2 makes it 0.5 MB larger, and nothing here needs it: platforms speak
# HTTP/1.1 as well, and so does the proxy in front.
OURS        := github.com/skeindesk/skein
BUILD_FLAGS := -trimpath -tags=nethttpomithttp2 -ldflags='-s -w' -gcflags=$(OURS)/...=-l -gcflags=$(OURS)/bridge/...= \
	-gcflags=$(OURS)/bridge=-l -gcflags=$(OURS)/bridge/knowledge/importing=-l

BUILD_INTO  := bin/

build:
	CGO_ENABLED=0 $(GO) build $(BUILD_FLAGS) -o $(BUILD_INTO) ./cmd/skein ./cmd/skein-demo

generate:
	$(GO) generate ./...

# Every picture of the documentation, drawn anew: the widget's, the workbench's, the demonstration's.
pictures: test-specs test-needs
	WIDGET_PICTURES='$(CURDIR)/docs/pictures' $(GO) test ./adapters/website/widget -count 1 -timeout 30m -run '^TestPictures'
	$(GO) test ./workbench -count 1 -timeout 30m -run '^Test(Conversation)?Look$$' -pictures docs/pictures
	$(GO) test ./cmd/skein-demo -count 1 -timeout 30m -run '^TestPictures' -pictures docs/pictures

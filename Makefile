.DEFAULT_GOAL := help
.PHONY: help run build packages test check lint fuzz bench bench-serve soak check-all

GOLANGCI = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
READERS  = cmd/feedmill/testdata/readers
# what the soak needs besides the project, built once
TOOLS    = $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/feedmill
VERSITY  = github.com/versity/versitygw/cmd/versitygw@v1.8.0

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## serve the example newsroom on http://127.0.0.1:8080/
	go run ./cmd/feedmill run -c config/examples/newsroom.yaml

build: ## the program, as ./feedmill
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o feedmill ./cmd/feedmill

packages: ## what the tests need besides Go, from Debian and npm (as root)
	@missing=; \
	command -v newsboat >/dev/null || missing="$$missing newsboat"; \
	command -v r2e >/dev/null || missing="$$missing rss2email"; \
	command -v xmllint >/dev/null || missing="$$missing libxml2-utils"; \
	/usr/bin/python3 -c 'import feedparser' 2>/dev/null || missing="$$missing python3 python3-feedparser"; \
	command -v npm >/dev/null || missing="$$missing nodejs npm"; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$$missing postgresql"; \
	command -v mariadbd >/dev/null || missing="$$missing mariadb-server"; \
	test -x /usr/sbin/dovecot || missing="$$missing dovecot-imapd"; \
	command -v gcc >/dev/null || missing="$$missing gcc libc6-dev"; \
	if [ -n "$$missing" ]; then apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $$missing; fi
	cd $(READERS) && npm ci --no-audit --no-fund --silent

test: packages ## every test, with the real feed readers and the race detector
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo 'the files above are not formatted: gofmt -w .'; exit 1; }
	go vet ./...
	FEEDMILL_TEST_ALL=1 go test -race -timeout 12m ./...
	FEEDMILL_TEST_ALL=1 go test ./feed/parse ./feed/mill # what is too large for the race detector

check: ## a quick look before a commit
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo 'the files above are not formatted: gofmt -w .'; exit 1; }
	go vet ./...
	go test -short ./...

lint: ## golangci-lint, as .golangci.yml says
	go run $(GOLANGCI) run ./...

fuzz: ## every fuzz target for a minute
	@for package in $$(go list ./...); do \
	  for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
	    echo "$$package $$target"; \
	    go test -run '^$$' -fuzz "^$$target$$" -fuzztime 60s $$package || exit 1; \
	  done; \
	done

bench: ## every benchmark
	go test -run '^$$' -bench . ./...

bench-serve: ## the server beside nginx, and the whole program: a table as in output/serve/README.md (as root)
	@missing=; for program in nginx wrk; do command -v $$program >/dev/null || missing="$$missing $$program"; done; \
	if [ -n "$$missing" ]; then apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $$missing; fi
	FEEDMILL_BENCH_SERVE=1 go test -count=1 -v -timeout 10m -run 'TestBesideNginx|TestWholeProcess|TestSlowReadersOfMedia' ./output/serve

soak: ## what takes long or measures a whole process: a week of 200 feeds, ten hostile origins, two years, 100,000 rows, a real server of buckets
	FEEDMILL_TEST_SOAK=1 go test -v -timeout 60m -run 'TestPlanet|TestTenHostileOrigins|TestTwoYears' ./cmd/feedmill/internal/daemon
	FEEDMILL_TEST_SOAK=1 go test -v -timeout 20m -run TestKilledWhileRowsChange ./cmd/feedmill
	test -x $(TOOLS)/versitygw || GOBIN=$(TOOLS) go install $(VERSITY) # takes minutes
	PATH="$(TOOLS):$$PATH" FEEDMILL_TEST_SOAK=1 go test -v -timeout 5m -run TestRealServer ./output/s3

check-all: lint test soak fuzz bench ## everything: before an issue is resolved
	go mod tidy -diff
	go mod verify

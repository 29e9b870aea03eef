# Everything runs with the Node that package-lock.json names, whatever Node the machine has.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# npm writes this file last: an interrupted installation does not count as one.
INSTALLED := node_modules/.package-lock.json

.PHONY: help
help: ## List all targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: install
install: $(INSTALLED) ## Install what Certwright is made of, Node included, into node_modules.

$(INSTALLED): package-lock.json
	@command -v npm >/dev/null || { echo "make: npm was not found: install Node.js 20 or later, which brings it." >&2; exit 1; }
	npm ci --loglevel=error --no-audit --no-fund
	@touch $@

.PHONY: demo
demo: $(INSTALLED) ## Play the whole of Certwright on this machine; no account and no cluster needed.
	./certwright demo

.PHONY: test
test: $(INSTALLED) ## Check types, lint and format, then run all tests that need nothing but Node.
	tsc --noEmit
	oxlint --type-aware --deny-warnings
	biome format .
	vitest run

# build.sh ends with 3 where there is no Go to build with; the suite is then skipped, and has said so.
.PHONY: test-kubernetes
test-kubernetes: $(INSTALLED) ## Run the Kubernetes suites on a real kube-apiserver and etcd, built from Go modules and cached.
	@binaries="$$(bash test/kubernetes/binaries/build.sh)" || { code=$$?; [ $$code -eq 3 ] && exit 0; exit $$code; }; \
	  KUBEBUILDER_ASSETS="$$binaries" vitest run --config test/kubernetes/vitest.config.ts

.PHONY: test-aws-clients
test-aws-clients: $(INSTALLED) ## Drive the sandbox with boto3 and the AWS CLI, from a virtual environment that it makes.
	bash test/contracts/python/run.sh

SEEDS ?= 100
FROM ?= 1
SIMULATION := $(if $(SEED),--seed $(SEED),$(if $(SCENARIO),--scenario $(SCENARIO),--seeds $(SEEDS) --from $(FROM)))

.PHONY: simulate
simulate: $(INSTALLED) ## Play the whole program against storms of faults: SEED=… replays one, SEEDS=N FROM=S a batch (JOBS=n threads).
	node src/sim/simulation/main.ts $(SIMULATION) $(if $(JOBS),--jobs $(JOBS)) $(if $(JSON),--json $(JSON))

.PHONY: crash-points
crash-points: $(INSTALLED) ## Kill the process at every write of the canonical stories; STUDY=views, replicas or scopes for the others.
	node src/sim/systematic/main.ts $(if $(REPLAY),--replay "$(REPLAY)",--study $(or $(STUDY),crash) --pairs $(or $(PAIRS),0))

.PHONY: mutants
mutants: $(INSTALLED) ## Put known bugs into copies of the program, one each, and tell which law notices it; ONLY=… chooses by name (JOBS=n processes).
	node test/mutants/main.ts $(if $(ONLY),--only '$(ONLY)') $(if $(JOBS),--jobs $(JOBS))

.PHONY: differential
differential: $(INSTALLED) ## Play seeds in ways that must make no difference to the end: faults, order, names, strangers, slow clocks.
	node src/sim/differential/main.ts --seeds $(SEEDS) --from $(FROM)

.PHONY: model
model: $(INSTALLED) ## Play the decisions alone against storms, some hundred thousand seeds an hour: SEEDS=N FROM=S.
	node src/sim/model/main.ts --seeds $(SEEDS) --from $(FROM) --brief

.PHONY: reference
reference: $(INSTALLED) ## Put the AWS Load Balancer Controller's own algorithm into the same world, and tell which laws it breaks.
	node src/sim/contestant/main.ts

.PHONY: bench
bench: $(INSTALLED) ## Measure what must stay fast, as ratios within one run.
	node bench/plan.ts

.PHONY: test-aws-account
test-aws-account: $(INSTALLED) ## Run the facts about AWS on your account: ARGS='--help' says how; nothing is made without --yes.
	node test/contracts/real-account/main.ts $(ARGS)

.PHONY: fmt
fmt: $(INSTALLED) ## Format all files.
	biome format --write .

.PHONY: clean
clean: ## Remove what was installed, built and cached.
	rm -rf node_modules .cache .certwright coverage dist

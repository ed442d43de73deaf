# SPDX-License-Identifier: MIT
# InfraFlux: `make` builds bin/; `make run` is the main job; `make test` tests it.
# Variables: CC, O (objects), BIN (programs), SAN=1 (AddressSanitizer and UBSan), CORPORA, V=1 (show commands).

Q       := $(if $(V),,@)
O       ?= .build
BIN     ?= bin
CC      ?= cc
CFLAGS  ?= -O2 -g
WARN    := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla $(if $(CI),-Werror)
ifdef SAN
CFLAGS  := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
LDFLAGS += -fsanitize=address,undefined
endif
ALL_CFLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L -D_XOPEN_SOURCE=700 -D_FILE_OFFSET_BITS=64 -Ilib $(WARN) $(CFLAGS) -MMD -MP

# Which modules each program is made of, lowest last; and the libraries of each module.
config-merge_MODULES := merge kube report doc base
render_MODULES       := argocd kustomize chart template merge schema kube report doc base
validate_MODULES     := schema kube report doc base
diff-drift_MODULES   := diff merge kube report doc base
pack-backup_MODULES  := archive kube report doc base
restore_MODULES      := archive kube report doc base
# Static where the system has the archive: a program that loads few libraries starts in a millisecond.
has    = $(findstring /,$(shell $(CC) -print-file-name=lib$(1).a 2>/dev/null))
static = $(if $(call has,$(1)),-l:lib$(1).a,-l$(1))
base_LIBS := -lpthread
doc_LIBS  := $(call static,yaml) -ljq -lm
kube_LIBS := $(call static,zstd)
schema_LIBS := $(call static,pcre2-8) $(call static,crypto)
template_LIBS := $(call static,pcre2-8) $(call static,crypto) -lcrypt
chart_LIBS := $(if $(call has,z),$(call static,archive) -l:libz.a,-larchive)
kustomize_LIBS := $(call static,crypto) $(call static,pcre2-8)
diff_LIBS := $(call static,crypto)
archive_LIBS := $(call static,zstd) $(call static,crypto)

FILTERS := $(patsubst filters/%.c,%,$(wildcard filters/*.c))
MODULES := $(notdir $(patsubst %/,%,$(wildcard lib/*/)))
objs     = $(patsubst lib/%.c,$(O)/%.o,$(wildcard lib/$(1)/*.c))

all: $(FILTERS:%=$(BIN)/%)

$(O)/%.o: lib/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<
$(O)/filters/%.o: filters/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

define module
$(O)/lib$(1).a: $(call objs,$(1)); @mkdir -p $$(@D); rm -f $$@; ar rcs $$@ $$^
endef
$(foreach m,$(MODULES),$(eval $(call module,$(m))))

define program
$(BIN)/$(1): $(O)/filters/$(1).o $(foreach m,$($(1)_MODULES),$(if $(wildcard lib/$(m)/*.c),$(O)/lib$(m).a))
	@mkdir -p $$(@D)
	$(Q)$$(CC) $$(LDFLAGS) -o $$@ $$^ $(foreach m,$($(1)_MODULES),$(if $(wildcard lib/$(m)/*.c),$($(m)_LIBS)))
endef
$(foreach f,$(FILTERS),$(eval $(call program,$(f))))

# A unit test is a program of its own, tests/unit/MODULE[-WHAT].c.
ORDER   := archive diff argocd kustomize chart template policy cel merge schema kube report doc base
LIBS     = $(foreach m,$(filter $(MODULES),$(ORDER)),$(if $(wildcard lib/$(m)/*.c),$(O)/lib$(m).a))
ALL_LIBS = $(sort $(foreach m,$(MODULES),$($(m)_LIBS)))
UNITS   := $(patsubst tests/unit/%.c,$(O)/unit/%,$(wildcard tests/unit/*.c))
BENCHES := $(patsubst tests/bench/%.c,$(O)/bench/%,$(wildcard tests/bench/*.c))
$(UNITS) $(BENCHES): $(O)/%: tests/%.c $(LIBS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -Itests/unit -o $@ $< $(LIBS) $(ALL_LIBS)
units: $(UNITS)
benches: $(BENCHES)

# --- what a user runs -------------------------------------------------------
PLATFORM ?= examples/northstar
# What was just installed counts only for a make of its own.
run: deps
	@$(MAKE) --no-print-directory all
	@bin/infraflux run --platform $(PLATFORM)

deps:
	@.ci/deps run
deps-test:
	@.ci/deps test

test: deps-test
	@$(MAKE) --no-print-directory all units
	@tests/run

# The public suites, laid out as CORPORA/README.md says; counts per suite.
CORPORA ?= ../shared/corpora
conformance: deps-test all units
	@tests/conformance/run $(CORPORA)

cluster-test: deps-test all
	@tests/cluster/run

asan:
	@LSAN_OPTIONS=suppressions=$(CURDIR)/tests/lsan.supp:print_suppressions=0 \
		$(MAKE) --no-print-directory SAN=1 O=$(O)-san BIN=$(O)-san/bin INFRAFLUX_BIN=$(abspath $(O)-san/bin) test

# libFuzzer wants clang; SECONDS each; SEED=N tries the same inputs again.
SECONDS_EACH ?= 60
FUZZERS := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))
fuzz: deps-test
	@$(MAKE) --no-print-directory O=$(O)-fuzz CC=clang CFLAGS='-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined' fuzzers
	@tests/fuzz/run $(O)-fuzz/fuzz $(SECONDS_EACH) $(SEED)
fuzzers: $(FUZZERS:%=$(O)/fuzz/%)
$(FUZZERS:%=$(O)/fuzz/%): $(O)/fuzz/%: tests/fuzz/%.c $(LIBS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer -o $@ $< $(LIBS) $(ALL_LIBS)

bench: deps-test all benches
	@tests/bench/run

lint: deps-test all
	@tests/lint

# The API schemas of the newest Kubernetes releases, from the package that carries them.
# What an object holds by .incbin, the compiler does not tell.
$(O)/kube/schema.o: $(wildcard lib/kube/data/*.zst)
$(O)/schema/meta.o: lib/schema/meta-schemas.txt
refresh-schemas:
	@lib/kube/refresh-schemas

PREFIX ?= /usr/local
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man7
	install $(FILTERS:%=$(BIN)/%) $(DESTDIR)$(PREFIX)/bin
	install -m 644 filters/*.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 filters/*.7 $(DESTDIR)$(PREFIX)/share/man/man7
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions
	for f in $(FILTERS); do \
		$(BIN)/$$f --completion=bash >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/$$f && \
		$(BIN)/$$f --completion=zsh >$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_$$f || exit 1; done
help:
	@echo 'all (default)  build bin/'
	@echo 'run            the main job: every environment of PLATFORM, end to end'
	@echo 'test           unit tests and all bats suites;  asan: the same under the sanitizers'
	@echo 'conformance    the public suites in CORPORA;  cluster-test: against a real kube-apiserver'
	@echo 'fuzz           each fuzzer for SECONDS_EACH;  bench: ratios to the peers that are installed'
	@echo 'lint           the house rules;  deps: what is missing;  install: to PREFIX;  clean'

clean:
	rm -rf $(O) $(O)-san $(O)-fuzz $(FILTERS:%=$(BIN)/%)

-include $(wildcard $(O)/*/*.d $(O)/unit/*.d)
.PHONY: help all units benches run deps deps-test test conformance cluster-test asan fuzz fuzzers bench lint refresh-schemas install clean

# SPDX-License-Identifier: MIT
# InfraFlux: `make` builds bin/; `make run` is the main job; `make test` tests it.
# Variables: CC, O (objects), BIN (programs), SAN=1 (AddressSanitizer and UBSan), CORPORA.

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
base_LIBS := -lpthread
doc_LIBS  := -lyaml -ljq -lm
kube_LIBS := -lzstd
schema_LIBS := -lpcre2-8
template_LIBS := -lpcre2-8 -lcrypto
chart_LIBS := -larchive
archive_LIBS := -larchive -lzstd -lcrypto

FILTERS := $(patsubst filters/%.c,%,$(wildcard filters/*.c))
MODULES := $(notdir $(patsubst %/,%,$(wildcard lib/*/)))
objs     = $(patsubst lib/%.c,$(O)/%.o,$(wildcard lib/$(1)/*.c))

all: $(FILTERS:%=$(BIN)/%)

$(O)/%.o: lib/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<
$(O)/filters/%.o: filters/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

define module
$(O)/lib$(1).a: $(call objs,$(1)); @mkdir -p $$(@D); rm -f $$@; ar rcs $$@ $$^
endef
$(foreach m,$(MODULES),$(eval $(call module,$(m))))

define filter
$(BIN)/$(1): $(O)/filters/$(1).o $(foreach m,$($(1)_MODULES),$(if $(wildcard lib/$(m)/*.c),$(O)/lib$(m).a))
	@mkdir -p $$(@D)
	$$(CC) $$(LDFLAGS) -o $$@ $$^ $(foreach m,$($(1)_MODULES),$(if $(wildcard lib/$(m)/*.c),$($(m)_LIBS)))
endef
$(foreach f,$(FILTERS),$(eval $(call filter,$(f))))

# A unit test tests/unit/MODULE[-WHAT].c is linked with that module and all below it.
ORDER := archive diff argocd kustomize chart template policy cel merge schema kube report doc base
below  = $(wordlist $(call position,$(1),$(ORDER)),99,$(ORDER))
position = $(if $(findstring $(1),$(ORDER)),$(words $(shell echo "$(ORDER)" | sed 's/\b$(1)\b.*/$(1)/')))
UNITS := $(patsubst tests/unit/%.c,$(O)/unit/%,$(wildcard tests/unit/*.c))
unit_of = $(firstword $(subst -, ,$(1)))
define unit
$(O)/unit/$(1): tests/unit/$(1).c $(foreach m,$(call below,$(call unit_of,$(1))),$(if $(wildcard lib/$(m)/*.c),$(O)/lib$(m).a))
	@mkdir -p $$(@D)
	$$(CC) $$(ALL_CFLAGS) $$(LDFLAGS) -Itests/unit -o $$@ $$(filter %.c %.a,$$^) $(sort $(foreach m,$(MODULES),$($(m)_LIBS)))
endef
$(foreach u,$(notdir $(UNITS)),$(eval $(call unit,$(u))))
units: $(UNITS)

clean:
	rm -rf $(O) $(FILTERS:%=$(BIN)/%)

-include $(wildcard $(O)/*/*.d $(O)/unit/*.d)
.PHONY: all units clean

# backlua. `make help` lists the targets; everything built goes to build/.

MAKEFLAGS += --no-builtin-rules --no-print-directory
.SUFFIXES:
.SECONDARY:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

VERSION := $(shell sed -n 's/^    return "\([0-9.]*\)";/\1/p' engine/host/version.c)
PREFIX ?= /usr/local
# Where C modules of Lua go; Debian's own are in /usr/lib/<architecture>/lua/5.1.
LUA_LIBDIR ?= $(PREFIX)/lib/lua/5.1
PKG_LIBDIR ?= $(PREFIX)/lib/pkgconfig
DESTDIR ?=
BUILD := build
# The prompt's line editor: libedit, or none.
EDIT ?= libedit
Q := $(if $(V),,@)

# ---- packages of Debian 12 ----------------------------------------------------

BUILD_PACKAGES := gcc libc6-dev make pkg-config luajit libluajit-5.1-dev \
    lua-cjson-dev libsqlite3-dev libssl-dev zlib1g-dev lua-argparse \
    libjs-dygraphs tzdata $(if $(filter none,$(EDIT)),,libedit-dev)
TEST_PACKAGES := unzip lua-busted luarocks faketime libcmocka-dev tmux chromium chromium-driver \
    zsh fish
DEB_PACKAGES := dpkg-dev lintian
CHECK_PACKAGES := clang-format clang-tidy cppcheck lua-check

# ---- tools and flags ----------------------------------------------------------

CC := $(if $(filter default,$(origin CC)),gcc,$(CC))
NPROC := $(shell nproc)
# A job for each core, unless -j was given.
PARALLEL = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(NPROC))
# So too for a plain make. Other goals stay in order: bench and test want quiet cores.
ifeq ($(MAKELEVEL) $(or $(MAKECMDGOALS),all),0 all)
MAKEFLAGS += -j$(NPROC)
endif

library = $(shell $(CC) -print-file-name=lib$(1).a 2>/dev/null)
# The archive where there is one: a static program starts 1.3 ms sooner.
static = $(if $(filter /%,$(library)),$(library),-l$(1))

ifdef LUAJIT
LUAJIT_RUN := $(LUAJIT)/bin/luajit
LUAJIT_CFLAGS := -I$(firstword $(wildcard $(LUAJIT)/include/luajit-2*))
LUAJIT_LIBS := $(LUAJIT)/lib/libluajit-5.1.a
else
LUAJIT_RUN := luajit
LUAJIT_CFLAGS := $(shell pkg-config --cflags luajit 2>/dev/null)
LUAJIT_LIBS := $(call static,luajit-5.1)
endif
ARGPARSE := $(firstword $(wildcard /usr/share/lua/5.1/argparse.lua \
    /usr/local/share/lua/5.1/argparse.lua))
# Names of what the compiler of this LuaJIT says.
VMDEF := $(shell $(LUAJIT_RUN) -e \
    'print(package.searchpath("jit.vmdef", package.path) or "")' 2>/dev/null)
FOREIGN := $(ARGPARSE) $(VMDEF)

# Charts of reports: dygraphs as Debian has it, inlined with its licence.
DYGRAPHS := /usr/share/javascript/dygraphs

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
    -Wpointer-arith -Wwrite-strings -Wvla -Wformat=2
# A debugger wants CFLAGS="-O2 -g". What is not in the way of bars, rows and numbers
# (engine/*/cold_*.c) compiles twice as fast with -Og, and runs as fast as is felt. For
# the rest, two passes that bring no speed here are a tenth of the compiler's time;
# make asan has them, since -Warray-bounds lives in one.
ifndef CFLAGS
CFLAGS := -O2
COLD := -Og
SKIP := -fno-schedule-insns2 -fno-tree-vrp
endif
# No contraction, no -ffast-math, no -march: the same seed gives the same bytes.
BASE := -std=gnu11 -Iengine $(LUAJIT_CFLAGS) -ffp-contract=off -fno-math-errno \
    $(WARN)
# Position-independent once, for the program and for core.so. Inside one link
# nothing is interposed, so calls stay direct and inlining is kept.
PIC := -fPIC -fno-semantic-interposition
HARDEN := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong
SANITIZE := -g -fsanitize=address,undefined,float-cast-overflow \
    -fno-sanitize-recover=all -fno-omit-frame-pointer -U_FORTIFY_SOURCE
comma := ,
# x^2 is x*x, interpreted and compiled alike: host/pow.c. Compiled next() keeps
# its pointer: host/next.c. The heap of Lua lies together: host/chunks.c.
WRAP := -Wl,--wrap=pow -Wl,--wrap=mmap64
WRAP_NEXT := $(if $(filter x86_64%,$(shell $(CC) -dumpmachine)),\
    -Wl$(comma)--wrap=lj_vm_next)
# Libraries inside are the program's own, for no module to be bound to; and pointers
# to relocate are a bitmap: a tenth of a megabyte each.
INSIDE := sqlite3 crypto z edit tinfo bsd md
LINK := -pie -Wl,-E -Wl,-z,relro,-z,now -Wl,-z,pack-relative-relocs \
    $(INSIDE:%=-Wl,--exclude-libs,lib%.a) $(WRAP) $(WRAP_NEXT)
# An archive does not name what it needs.
EDIT_LIBS := $(if $(filter none,$(EDIT)),,$(call static,edit) \
    $(if $(filter /%,$(call library,edit)),$(foreach lib,tinfo bsd md,\
    $(call static,$(lib)))))
LIBS := $(EDIT_LIBS) $(call static,lua5.1-cjson) $(LUAJIT_LIBS) $(call static,sqlite3) \
    $(call static,crypto) $(call static,z) -lm -ldl -lpthread

# ---- sources ------------------------------------------------------------------

UNITS := $(wildcard engine/*/unit_*.c engine/*/cold_*.c)
EDITORS := engine/host/edit.c engine/host/edit_plain.c
SOURCES := $(filter-out $(if $(filter none,$(EDIT)),$(firstword $(EDITORS)),\
    $(lastword $(EDITORS))),$(filter-out $(UNITS),$(wildcard engine/*/*.c)))
# Half of what a small file costs is the start of the compiler and the headers. So a
# unit includes the files of a topic, and they compile as one; others by themselves.
PARTS := $(shell sed -n 's|^\#include "\(.*\.c\)"$$|engine/\1|p' $(UNITS))
# What takes long goes first, so that all cores are done at the same time.
COMPILED := $(wildcard engine/*/unit_*.c) $(filter-out $(PARTS),$(SOURCES)) \
    $(wildcard engine/*/cold_*.c)
PUBLIC_HEADERS := engine/backlua.h $(wildcard engine/backlua/*.h)
HEADERS := $(PUBLIC_HEADERS) $(filter-out engine/backlua/%,$(wildcard engine/*/*.h))
C_TESTS := $(wildcard spec/c/*_test.c)
FUZZERS := $(patsubst spec/fuzz/%.c,%,$(wildcard spec/fuzz/*.c))
BENCHES := $(patsubst spec/bench/%.c,$(BUILD)/bench/%,\
    $(filter-out %/empty.c $(wildcard spec/bench/search_*.c),$(wildcard spec/bench/*.c))) $(BUILD)/bench/empty.so
C_FILES := $(UNITS) $(SOURCES) $(HEADERS) $(wildcard spec/*/*.c spec/*/*.h)
LUA_SOURCES := $(sort $(wildcard lua/*.lua lua/*/*.lua lua/*/*/*.lua))
# Texts of reports, as a module: a table by name.
REPORT_TEXTS := dygraphs_js=$(DYGRAPHS)/dygraph.min.js \
    dygraphs_css=$(DYGRAPHS)/dygraph.min.css \
    dygraphs_licence=/usr/share/doc/libjs-dygraphs/copyright \
    $(foreach f,$(wildcard lua/backlua/report/*.css lua/backlua/report/*.js),\
    $(subst .,_,$(notdir $(f)))=$(f))
LUA_MADE := $(BUILD)/gen/lua/backlua/report/texts.lua
EXAMPLES := $(filter-out %.best.lua,$(wildcard examples/*.lua examples/*.svg \
    examples/*/*/*))
LUA_CHECKED := $(wildcard .busted .luacheckrc lua engine/tools examples spec \
    bundles)

##@ Everyday

all: $(BUILD)/backlua $(BUILD)/core.so ## build the program and the library for plain LuaJIT

help: ## this list
	@awk 'BEGIN { FS = ":.*## " } \
	    /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	    /^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "Variables: LUAJIT=/prefix PREFIX=$(PREFIX) DESTDIR= V=1 (show commands)"
	@echo "           EDIT=none (the prompt without libedit)"
	@echo "           T=name (run only tests whose path holds the name)"

deps: ## install what building, testing and checking need
	$(Q)engine/tools/packages.sh $(BUILD_PACKAGES) $(TEST_PACKAGES) \
	    $(CHECK_PACKAGES)

# The variables above are read again once the packages are there.
quickstart: ## from a bare system to a backtest and an optimisation
	$(Q)engine/tools/packages.sh $(BUILD_PACKAGES)
	$(Q)$(MAKE) $(PARALLEL) all
	$(Q)$(MAKE) demo

demo: bundles/demo/bundle.sqlite
	$(BUILD)/backlua run examples/01_sma_cross.lua -b demo
	$(BUILD)/backlua report last -o $(BUILD)/report.html
	$(BUILD)/backlua optimize examples/02_grid.lua -j $(NPROC)

bundles/demo/bundle.sqlite: | $(BUILD)/backlua
	$(BUILD)/backlua ingest --synthetic mag7 --seed 7 -b demo

clean: ## remove build/
	rm -rf $(BUILD)

##@ Tests

test: ## run every C test and every spec
	$(Q)engine/tools/packages.sh $(BUILD_PACKAGES) $(TEST_PACKAGES)
	$(Q)$(MAKE) $(PARALLEL) test-programs || \
	    { echo "0 passed, 1 failed"; exit 1; }
	$(Q)$(LUAJIT_RUN) spec/run -b $(BUILD) -t check $(T)

asan: ## the same under AddressSanitizer, LeakSanitizer and UBSan
	$(Q)engine/tools/packages.sh $(BUILD_PACKAGES) $(TEST_PACKAGES)
	$(Q)$(MAKE) $(PARALLEL) asan-programs || \
	    { echo "0 passed, 1 failed"; exit 1; }
	$(Q)$(LUAJIT_RUN) spec/run -b $(BUILD) -t asan $(T)

SECONDS ?= 60
SEED ?= 1
INPUTS ?= 0
stress: $(FUZZERS:%=$(BUILD)/asan/fuzz/%) check-programs ## fuzzers under the sanitizers (SECONDS=60 and INPUTS=0 each at least, SEED=1), promises at full counts
	$(Q)for f in $(FUZZERS); do $(BUILD)/asan/fuzz/$$f -seconds $(SECONDS) \
	    -inputs $(INPUTS) -seed $(SEED) spec/fuzz/$$f spec/fixtures || { \
	    echo "$$f: the input is in build/fuzz/last"; exit 1; }; done
	$(Q)STRESS=1 TEST_TIMEOUT=7200 $(LUAJIT_RUN) spec/run -b $(BUILD) -t check \
	    spec/promises store_damage

check: format-check layers headers luacheck cppcheck tidy docs test asan ## everything that a change must pass

examples: all ## run every example
	$(Q)$(LUAJIT_RUN) spec/run -b $(BUILD) examples

bench: all $(BENCHES) ## measure the budgets, write build/bench.json (B="view sma400", B="all heavy")
	$(Q)$(BUILD)/backlua spec/bench/main.lua $(B)

bench-table: all ## build/bench.json as a Markdown table
	$(Q)$(BUILD)/backlua spec/bench/main.lua --markdown

bench-readme: all ## the README's measured figures from build/bench.json
	$(Q)$(BUILD)/backlua spec/bench/readme.lua

bench-search: $(BUILD)/bench/search ## regrets and ask times of the searches, judged; build/search.svg
	$(Q)$< -p $(BUILD)/search.svg

bench-luck: all ## how often luck is called luck, and skill is not
	$(Q)$(BUILD)/backlua spec/bench/luck.lua

##@ Checks

format-check: ## clang-format would change nothing
	$(Q)bad=0; for f in $(C_FILES); do clang-format $$f | cmp -s - $$f || \
	    { echo "$$f: make format would change it"; bad=1; }; done; \
	    awk 'length > 80 { print FILENAME ":" FNR ": over 80 columns"; bad = 1 } \
	        END { exit bad }' $(C_FILES) && exit $$bad

format: ## let clang-format change it
	$(Q)clang-format -i $(C_FILES)

tidy: $(patsubst %.c,$(BUILD)/tidy/%.ok,$(SOURCES)) ## clang-tidy over the engine

$(BUILD)/tidy/%.ok: %.c $(HEADERS) .clang-tidy
	@mkdir -p $(@D)
	@echo "TIDY $<"
	$(Q)clang-tidy --quiet $< -- -std=gnu11 -Iengine $(LUAJIT_CFLAGS) \
	    2>$(@:.ok=.log) || { cat $(@:.ok=.log); exit 1; }
	@touch $@

cppcheck: ## cppcheck over the engine
	@mkdir -p $(BUILD)/cppcheck
	$(Q)cppcheck --quiet --std=c11 --enable=warning,performance,portability \
	    --inline-suppr --suppress=missingIncludeSystem \
	    --suppress=invalidPointerCast \
	    --suppress=invalidFunctionArg --error-exitcode=1 \
	    --cppcheck-build-dir=$(BUILD)/cppcheck -j$(NPROC) -Iengine $(SOURCES)

luacheck: ## luacheck over all Lua
	$(Q)luacheck --quiet $(LUA_CHECKED)

layers: ## the arrows between the layers run downwards
	$(Q)$(LUAJIT_RUN) engine/tools/layers.lua engine

headers: $(HEADERS:%.h=$(BUILD)/headers/%.ok) ## each header compiles alone

$(BUILD)/headers/%.ok: %.h $(HEADERS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE) -fsyntax-only -x c $<
	@touch $@

docs: $(BUILD)/backlua ## the reference as Markdown and HTML; fails where a docstring is missing
	@mkdir -p $(BUILD)/docs
	$(Q)$(LUAJIT_RUN) engine/tools/docs.lua $(BUILD)/docs engine/backlua.h \
	    $(LUA_SOURCES)
	$(Q)$(BUILD)/backlua engine/tools/indicators.lua \
	    $(BUILD)/docs/indicators.md
	$(Q)$(BUILD)/backlua engine/tools/output.lua $(BUILD)/docs/output.md
	$(Q)$(LUAJIT_RUN) engine/tools/html.lua $(BUILD)/docs

##@ Installation

SHARE = $(DESTDIR)$(PREFIX)/share
LUA_SHARE = $(SHARE)/lua/5.1
INCLUDE = $(DESTDIR)$(PREFIX)/include
# The modules of each folder, and the one that is made.
define install-lua
for d in $(sort $(dir $(LUA_SOURCES))); do \
	    install -D -m 644 -t $(1)/$${d#lua/backlua/} $$d*.lua || exit 1; done
	install -m 644 $(LUA_MADE) $(1)/report/
endef
install: all $(BUILD)/backlua.1 ## to PREFIX, under DESTDIR
	install -D -s $(BUILD)/backlua $(DESTDIR)$(PREFIX)/bin/backlua
	install -D -m 644 -s $(BUILD)/core.so $(DESTDIR)$(LUA_LIBDIR)/backlua/core.so
	$(call install-lua,$(LUA_SHARE)/backlua)
	$(BUILD)/backlua -e 'assert(require("backlua.reference").write(arg[1]))' \
	    $(LUA_SHARE)/backlua/meta
	chmod 644 $(LUA_SHARE)/backlua/meta/*
	for f in $(PUBLIC_HEADERS); do \
	    install -D -m 644 $$f $(INCLUDE)/$${f#engine/} || exit 1; done
	install -D -m 644 engine/tools/backlua.pc.in \
	    $(DESTDIR)$(PKG_LIBDIR)/backlua.pc
	sed -i -e 's|@PREFIX@|$(PREFIX)|; s|@LUA_LIBDIR@|$(LUA_LIBDIR)|' \
	    -e 's|@VERSION@|$(VERSION)|' $(DESTDIR)$(PKG_LIBDIR)/backlua.pc
	install -D -m 644 $(BUILD)/backlua.1 $(SHARE)/man/man1/backlua.1
	for f in README.md bundles/README.md engine/README.md LICENSE $(EXAMPLES); do \
	    install -D -m 644 $$f $(SHARE)/doc/backlua/$$f || exit 1; done

uninstall: ## remove what install made
	rm -f $(DESTDIR)$(PREFIX)/bin/backlua $(INCLUDE)/backlua.h \
	    $(DESTDIR)$(PKG_LIBDIR)/backlua.pc $(SHARE)/man/man1/backlua.1
	rm -rf $(DESTDIR)$(LUA_LIBDIR)/backlua $(INCLUDE)/backlua $(LUA_SHARE)/backlua $(SHARE)/doc/backlua

deb: all ## a package for Debian 12, build/backlua_VERSION_ARCH.deb, checked by lintian
	$(Q)engine/tools/packages.sh $(DEB_PACKAGES)
	$(Q)engine/tools/deb.sh $(BUILD) $(VERSION) "$(MAKE)"

# Called by luarocks, which says where.
install-rock: all
	install -D -s $(BUILD)/backlua $(ROCK_BIN)/backlua
	install -D -m 644 -s $(BUILD)/core.so $(ROCK_LIB)/backlua/core.so
	$(call install-lua,$(ROCK_LUA)/backlua)

rock: $(BUILD)/backlua-$(VERSION)-1.rockspec ## a rockspec, for `luarocks make` in this folder

$(BUILD)/backlua-%-1.rockspec: engine/tools/backlua.rockspec.in
	@mkdir -p $(@D)
	$(Q)sed 's|@VERSION@|$*|; s|@FOLDER@|$(CURDIR)|' $< >$@

$(BUILD)/backlua.1: $(BUILD)/backlua
	$(Q)$< --quiet -e 'io.write(require("backlua.cli.manual").text())' >$@

# ---- generated source ---------------------------------------------------------

$(BUILD)/gen/cdef.txt: $(PUBLIC_HEADERS) engine/tools/cdef.lua
	@mkdir -p $(@D)
	@echo "GEN $@"
	$(Q)$(LUAJIT_RUN) engine/tools/cdef.lua $(CC) engine/backlua.h $@

# Written again when the list of files changes, too.
$(BUILD)/gen/sources.txt: FORCE
	@mkdir -p $(@D)
	@echo "$(FOREIGN) $(LUA_SOURCES) $(REPORT_TEXTS)" | cmp -s - $@ || \
	    echo "$(FOREIGN) $(LUA_SOURCES) $(REPORT_TEXTS)" >$@

$(LUA_MADE): $(BUILD)/gen/sources.txt engine/tools/assets.lua \
    $(foreach t,$(REPORT_TEXTS),$(lastword $(subst =, ,$(t))))
	@mkdir -p $(@D)
	@echo "GEN $@"
	$(Q)$(LUAJIT_RUN) engine/tools/assets.lua $@ $(REPORT_TEXTS)

$(BUILD)/gen/embedded.c: $(BUILD)/gen/cdef.txt $(BUILD)/gen/sources.txt \
    engine/tools/embed.lua $(LUA_SOURCES) $(LUA_MADE) $(FOREIGN)
	@echo "GEN $@"
	$(Q)$(LUAJIT_RUN) engine/tools/embed.lua $@ $< $(FOREIGN) $(LUA_SOURCES) \
	    $(LUA_MADE)

# ---- one tree of objects per way of building ------------------------------------

# $(1) the tree's folder under build, $(2) its compiler flags, $(3) the sources that
# it compiles by them, $(4) the tree that has the objects of all others. engine.a
# holds all but main: a test pulls in what it uses and nothing else.
define tree
all-$(1) := $(BUILD)/$(4)/gen/embedded.o \
    $(patsubst engine/%.c,$(BUILD)/$(1)/%.o,$(3)) \
    $(patsubst engine/%.c,$(BUILD)/$(4)/%.o,$(filter-out $(3),$(COMPILED)))
parts-$(1) := $$(filter-out %/host/main.o,$$(all-$(1)))

$(BUILD)/$(1)/%.o: engine/%.c Makefile
	@mkdir -p $$(@D)
	@echo "CC $$<"
	$(Q)$(CC) $(2) $$(CFLAGS) $$(if $$(findstring /cold_,$$<),$$(COLD)) $$(BASE) \
	    -MMD -MP -c $$< -o $$@

$(BUILD)/$(1)/gen/embedded.o: $(BUILD)/gen/embedded.c engine/host/embedded.h
	@mkdir -p $$(@D)
	$(Q)$(CC) $(2) $$(CFLAGS) $$(BASE) -c $$< -o $$@

$(BUILD)/$(1)/backlua: $$(all-$(1))
	@echo "LD $$@"
	$(Q)$(CC) $(2) $$(LINK) -o $$@ $$^ $$(LIBS)

$(BUILD)/$(1)/engine.a: $$(parts-$(1))
	@rm -f $$@
	$(Q)$(AR) rcs $$@ $$^

$(BUILD)/$(1)/%_test: spec/c/%_test.c $(BUILD)/$(1)/engine.a
	@echo "CC $$<"
	$(Q)$(CC) $(2) $$(CFLAGS) $$(COLD) $$(BASE) -Ispec -Ispec/c -MMD -MP \
	    $$(LINK) -o $$@ $$< -Wl,--start-group $(BUILD)/$(1)/engine.a $$(LIBS) \
	    -Wl,--end-group -lcmocka

$(BUILD)/$(1)/fuzz/%: spec/fuzz/%.c $(BUILD)/$(1)/engine.a
	@mkdir -p $$(@D)
	@echo "CC $$<"
	$(Q)$(CC) $(2) $$(CFLAGS) $$(BASE) -Ispec -MMD -MP $$(LINK) -o $$@ \
	    $$< -Wl,--start-group $(BUILD)/$(1)/engine.a $$(LIBS) \
	    -Wl,--end-group

$(1)-programs: $(BUILD)/$(1)/backlua \
    $(patsubst spec/c/%.c,$(BUILD)/$(1)/%,$(C_TESTS))

-include $$(wildcard $(BUILD)/$(1)/*.d $(BUILD)/$(1)/*/*.d)
endef

# What the engine's own checks change is few sources, and no header.
CHECKED := $(shell grep -l BT_CHECK $(SOURCES))
ifneq ($(shell grep -l BT_CHECK $(HEADERS))$(filter $(CHECKED),$(PARTS)),)
$(error BT_CHECK in a header or a unit would make objects of obj and check differ)
endif

# Indicators lose 3 % without.
$(BUILD)/obj/sim/unit_ta.o: SKIP :=

$(eval $(call tree,obj,$(PIC) $(HARDEN) $$(SKIP),$(COMPILED),obj))
$(eval $(call tree,check,$(PIC) $(HARDEN) $$(SKIP) -DBT_CHECK,$(CHECKED),obj))
$(eval $(call tree,asan,$(PIC) $(SANITIZE) -DBT_CHECK,$(COMPILED),asan))

test-programs: all check-programs

$(BUILD)/backlua: $(BUILD)/obj/backlua
	$(Q)ln -f $< $@

# For the package: LuaJIT stays inside, the libraries that Debian mends do not.
$(BUILD)/deb/backlua: $(parts-obj) $(BUILD)/obj/host/main.o
	@mkdir -p $(@D)
	$(Q)$(CC) $(LINK) -o $@ $^ $(call static,lua5.1-cjson) $(LUAJIT_LIBS) \
	    -lsqlite3 -lcrypto -lz $(if $(EDIT_LIBS),-ledit) -lm -ldl -lpthread

# LuaJIT and its C API come from the program that loads it. The prompt stays
# with the program, and so does what mends the LuaJIT in it.
OF_PROGRAM := $(BUILD)/obj/host/next.o $(BUILD)/obj/host/cold_program.o \
    $(EDITORS:engine/%.c=$(BUILD)/obj/%.o)
$(BUILD)/core.so: $(filter-out $(OF_PROGRAM),$(parts-obj))
	@echo "LD $@"
	$(Q)$(CC) -shared $(WRAP) -Wl,-z,relro,-z,now -o $@ $^ \
	    -lsqlite3 -lcrypto -lz -lm -ldl -lpthread

# ---- bench --------------------------------------------------------------------

# References: programs of their own, without a line of the engine, same flags and no
# pass of -O2 left out.
$(BUILD)/bench/%: spec/bench/%.c
	@mkdir -p $(@D)
	@echo "CC $<"
	$(Q)$(CC) $(HARDEN) $(CFLAGS) $(BASE) -MMD -MP -pie -fPIE -o $@ $< \
	    $(call static,sqlite3) -lm -ldl -lpthread

# This one measures a part of the engine from C.
$(BUILD)/bench/search: $(wildcard spec/bench/search*.c) $(BUILD)/obj/engine.a
	@mkdir -p $(@D)
	@echo "CC $<"
	$(Q)$(CC) $(PIC) $(HARDEN) $(CFLAGS) $(BASE) -MMD -MP $(LINK) -o $@ $(filter %.c,$^) \
	    -Wl,--start-group $(BUILD)/obj/engine.a $(LIBS) -Wl,--end-group

$(BUILD)/bench/%.so: spec/bench/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(PIC) $(CFLAGS) $(BASE) -shared -o $@ $<
-include $(wildcard $(BUILD)/bench/*.d)

FORCE:
.PHONY: all help deps quickstart demo clean test asan stress check examples bench \
    bench-search bench-luck bench-readme bench-table format-check format tidy cppcheck luacheck layers \
    headers docs install uninstall install-rock deb rock test-programs obj-programs \
    check-programs asan-programs FORCE

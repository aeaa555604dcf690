# backlua. `make help` lists the targets; everything built goes to build/.
#
#   make LUAJIT=/prefix   another LuaJIT than the one pkg-config gives
#   make V=1              show the commands

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.SECONDARY:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

PREFIX ?= /usr/local
DESTDIR ?=
BUILD := build
Q := $(if $(V),,@)

# ---- tools and flags --------------------------------------------------------

CC := $(if $(filter default,$(origin CC)),gcc,$(CC))
library = $(shell $(CC) -print-file-name=lib$(1).a)
# The archive where there is one: a program linked statically starts faster.
static = $(if $(filter /%,$(library)),$(library),-l$(1))

ifdef LUAJIT
LUAJIT_RUN := $(LUAJIT)/bin/luajit
LUAJIT_CFLAGS := -I$(LUAJIT)/include/luajit-2.1
LUAJIT_LIBS := $(LUAJIT)/lib/libluajit-5.1.a
else
LUAJIT_RUN := luajit
LUAJIT_CFLAGS := $(shell pkg-config --cflags luajit)
LUAJIT_LIBS := $(call static,luajit-5.1)
endif
ARGPARSE := $(firstword $(wildcard /usr/share/lua/5.1/argparse.lua \
    /usr/local/share/lua/5.1/argparse.lua))

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
    -Wpointer-arith -Wwrite-strings -Wvla -Wformat=2
CFLAGS ?= -O2 -g
# No contraction and no -ffast-math: the same seed gives the same bytes.
DEFINE := -std=gnu11 -Iengine $(LUAJIT_CFLAGS) -ffp-contract=off \
    -fno-math-errno $(WARN)
HARDEN := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong
# x^2 is x*x, interpreted and compiled alike: host/pow.c.
WRAP := -Wl,--wrap=pow
LIBS := $(call static,lua5.1-cjson) $(LUAJIT_LIBS) $(call static,sqlite3) \
    $(call static,crypto) $(call static,z) -lm -ldl -lpthread

# ---- sources ----------------------------------------------------------------

SOURCES := $(filter-out engine/tools/%,$(wildcard engine/*/*.c))
HEADERS := $(wildcard engine/*.h engine/*/*.h)
C_TESTS := $(patsubst spec/c/%.c,%,$(wildcard spec/c/*_test.c))
LUA_SOURCES := $(shell find lua -name '*.lua' 2>/dev/null | LC_ALL=C sort)
HAS_MAIN := $(wildcard engine/host/main.c)

all: $(if $(HAS_MAIN),$(BUILD)/backlua) $(BUILD)/core.so

# ---- generated source -------------------------------------------------------

$(BUILD)/gen/cdef.txt: engine/backlua.h engine/tools/cdef.lua
	@mkdir -p $(@D)
	@echo "GEN $@"
	$(Q)$(LUAJIT_RUN) engine/tools/cdef.lua $(CC) engine/backlua.h $@

$(BUILD)/gen/embedded.c: $(BUILD)/gen/cdef.txt engine/tools/embed.lua \
    $(LUA_SOURCES) $(ARGPARSE) lua/backlua
	@echo "GEN $@"
	$(Q)$(LUAJIT_RUN) engine/tools/embed.lua $@ $< $(ARGPARSE) $(LUA_SOURCES)

# ---- one tree of objects per way of building --------------------------------

# $(1) folder under build, $(2) compiler flags
define objects
$(BUILD)/$(1)/%.o: engine/%.c Makefile
	@mkdir -p $$(@D)
	@echo "CC $$<"
	$(Q)$(CC) $(2) $$(DEFINE) $$(CFLAGS) -MMD -MP -c $$< -o $$@
$(BUILD)/$(1)/gen/embedded.o: $(BUILD)/gen/embedded.c engine/host/embedded.h
	@mkdir -p $$(@D)
	$(Q)$(CC) $(2) $$(CFLAGS) -std=gnu11 -Iengine -MMD -MP -c $$< -o $$@
-include $$(wildcard $(BUILD)/$(1)/*/*.d)
endef
# Objects of the engine without the program's main. $(1) folder.
parts = $(patsubst engine/%.c,$(BUILD)/$(1)/%.o,$(filter-out \
    engine/host/main.c,$(SOURCES))) $(BUILD)/$(1)/gen/embedded.o

$(eval $(call objects,obj,-fPIE $(HARDEN)))
$(eval $(call objects,pic,-fPIC $(HARDEN)))
$(eval $(call objects,check,-fPIE $(HARDEN) -DBT_CHECK))

LINK := -pie -Wl,-E -Wl,-z,relro,-z,now $(WRAP)
# While parts of the engine are still missing.
PARTIAL := -Wl,--unresolved-symbols=ignore-all,-z,lazy

$(BUILD)/backlua: $(call parts,obj) $(BUILD)/obj/host/main.o
	@echo "LD $@"
	$(Q)$(CC) $(LINK) $(PARTIAL) -o $@ $^ $(LIBS)

# LuaJIT and its C API come from the program that loads it.
$(BUILD)/core.so: $(call parts,pic)
	@echo "LD $@"
	$(Q)$(CC) -shared $(WRAP) -Wl,-z,relro -o $@ $^ \
	    -lsqlite3 -lcrypto -lz -lm -ldl -lpthread

# ---- tests ------------------------------------------------------------------

# An archive, so that a test pulls in what it uses and nothing else.
$(BUILD)/check/engine.a: $(call parts,check)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(BUILD)/check/%_test: spec/c/%_test.c $(BUILD)/check/engine.a
	@echo "CC $<"
	$(Q)$(CC) -fPIE $(HARDEN) -DBT_CHECK $(DEFINE) $(CFLAGS) -MMD -MP \
	    $(LINK) -o $@ $^ $(LIBS) -lcmocka
-include $(wildcard $(BUILD)/check/*.d)

test: all $(C_TESTS:%=$(BUILD)/check/%)
	$(Q)spec/run -b $(BUILD) $(T)

clean:
	rm -rf $(BUILD)

.PHONY: all test clean

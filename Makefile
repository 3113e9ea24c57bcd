# cadenced: `make help` lists the targets.

CFLAGS ?= -O2 -g
BUILD ?= build

PACKAGES = libevent libevent_pthreads libcurl sqlite3 libconfig jansson libcrypto
# What Debian needs to have installed, for `make deps`.
DEBIAN = gcc make pkg-config libc6-dev libevent-dev libcurl4-openssl-dev libsqlite3-dev libconfig-dev \
	libjansson-dev libcsv-dev libssl-dev libcmocka-dev tzdata ca-certificates \
	python3 python3-pytest python3-aiosmtpd curl

# The rooms, lowest first, and whom each may use (docs/design.md section 3).
ROOMS = base core conf store message channel net source api sys
MAY_base    =
MAY_core    = base
MAY_sys     = core base
MAY_conf    = sys core base
MAY_store   = core base
MAY_message = core base
MAY_net     = sys base
MAY_channel = message net core base
MAY_source  = net core base
MAY_api     = store core base
MAY_daemon  = api source channel net store message conf sys core base
MAY_ctl     = $(MAY_daemon)

probe = $(shell printf 'int main(void){return 0;}\n' | $(CC) -Werror $(1) -x c -o /dev/null - 2>/dev/null && echo '$(1)')
comma := ,
HARDENING := $(call probe,-fstack-protector-strong) $(call probe,-fstack-clash-protection) \
	$(call probe,-fcf-protection) $(call probe,-fPIE)
HARDENING_LD := $(call probe,-pie) $(call probe,-Wl$(comma)-z$(comma)relro) $(call probe,-Wl$(comma)-z$(comma)now)
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion
PKG_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lcsv -lm -pthread

FORTIFY := $(if $(findstring -O0,$(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
ALL_CFLAGS = -std=c17 -D_GNU_SOURCE $(WARNINGS) $(WERROR) -fvisibility=hidden $(HARDENING) $(FORTIFY) -pthread \
	-Ilib -I. -I$(BUILD)/gen $(PKG_CFLAGS) $(CFLAGS) -MMD -MP
ifeq ($(CI),true)
WERROR ?= -Werror
endif

SOURCES := $(wildcard lib/*/*.c daemon/*.c ctl/*.c)
OBJECTS = $(SOURCES:%.c=$(BUILD)/%.o)
room_objects = $(patsubst %.c,$(BUILD)/%.o,$(wildcard lib/$(1)/*.c))
ARCHIVES = $(foreach r,$(ROOMS),$(BUILD)/lib/$(r).a)
# Archives in an order that the linker can resolve in one pass.
room_archives = $(foreach r,api source channel net store message conf sys core base,$(if $(filter $(r),$(1)),$(BUILD)/lib/$(r).a))

UNIT_SOURCES := $(wildcard tests/unit/*/test_*.c)
UNIT_TESTS = $(UNIT_SOURCES:%.c=$(BUILD)/%)

.PHONY: all help clean
all: $(BUILD)/cadenced $(BUILD)/cadencectl  ## build the daemon and the command line

$(BUILD)/cadenced: $(patsubst %.c,$(BUILD)/%.o,$(wildcard daemon/*.c)) $(ARCHIVES)
	$(CC) $(CFLAGS) $(HARDENING_LD) -o $@ $(filter %.o,$^) $(call room_archives,$(MAY_daemon)) $(PKG_LIBS) $(LDFLAGS)

$(BUILD)/cadencectl: $(patsubst %.c,$(BUILD)/%.o,$(wildcard ctl/*.c)) $(ARCHIVES)
	$(CC) $(CFLAGS) $(HARDENING_LD) -o $@ $(filter %.o,$^) $(call room_archives,$(MAY_ctl)) $(PKG_LIBS) $(LDFLAGS)

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

define room_rule
$(BUILD)/lib/$(1).a: $$(call room_objects,$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(AR) rcs $$@ $$^
endef
$(foreach r,$(ROOMS),$(eval $(call room_rule,$(r))))

# The schema is compiled in, so that the binary carries the tables it needs.
$(BUILD)/lib/store/schema_sqlite.o: lib/store/schema_sqlite.sql

# A unit test links its own room and what that room may use, nothing else.
room_of = $(word 3,$(subst /, ,$(1)))
define unit_rule
$(BUILD)/$(1:%.c=%): $(BUILD)/$(1:%.c=%.o) $$(call room_archives,$(call room_of,$(1)) $$(MAY_$(call room_of,$(1))))
	$$(CC) $$(CFLAGS) $$(HARDENING_LD) -o $$@ $$^ $$(PKG_LIBS) -lcmocka $$(LDFLAGS)
endef
$(foreach t,$(UNIT_SOURCES),$(eval $(call unit_rule,$(t))))

LAYERS = $(foreach r,$(ROOMS) daemon ctl,$(r)=$(subst $(space),$(comma),$(strip $(MAY_$(r)))))
empty :=
space := $(empty) $(empty)

.PHONY: layers deps check headers e2e
layers: $(ARCHIVES)  ## prove who includes whom, and that core and message are pure
	@tests/tools/check-layers $(BUILD) $(LAYERS)
	@CC='$(CC)' tests/tools/test-layers $(BUILD) $(LAYERS)

deps:  ## install the Debian packages that are missing
	@tests/tools/install-deps $(DEBIAN)

headers:  ## prove that each header compiles alone
	@for h in lib/*/*.h; do $(CC) $(ALL_CFLAGS) -MF /dev/null -fsyntax-only -x c "$$h" || exit 1; done
	@echo "headers: each compiles alone"

.PHONY: unit
unit: $(UNIT_TESTS)  ## run the unit tests (one room: make unit ROOM=core)
	@tests/tools/run-units $(filter $(BUILD)/tests/unit/$(if $(ROOM),$(ROOM)/,)%,$^)

check:  ## everything a change must pass
	+@$(MAKE) --no-print-directory -j$$(nproc) check-all-parts

.PHONY: check-all-parts
check-all-parts: all layers headers unit

clean:  ## remove everything that was built
	rm -rf $(BUILD)

help:  ## list the targets
	@sed -n 's/^\([a-z][a-z-]*\):.*  ## /\1\t/p' Makefile | sort | awk -F'\t' '{printf "  %-12s %s\n", $$1, $$2}'

-include $(OBJECTS:.o=.d) $(UNIT_TESTS:=.d)

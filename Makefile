# cadenced: `make help` lists the targets.

CFLAGS ?= -O2 -g
BUILD ?= build
PYTHON ?= /usr/bin/python3
# Says what is done in a word; V=1 shows the commands.
Q = $(if $(V),,@)
say = $(if $(V),,@echo '$(1)')

PACKAGES = libevent libevent_pthreads libcurl sqlite3 libconfig jansson libcrypto gmime-3.0 libseccomp
# What Debian needs to have installed, for `make deps`.
DEBIAN = gcc make pkg-config libc6-dev libevent-dev libcurl4-openssl-dev libsqlite3-dev libconfig-dev \
	libjansson-dev libcsv-dev libssl-dev libgmime-3.0-dev libseccomp-dev libcmocka-dev tzdata ca-certificates \
	python3 python3-pytest python3-pytest-xdist python3-aiosmtpd iproute2 python3-dateutil curl mandoc
# For the package, and to boot it.
DEBIAN_BOOT = debhelper dpkg-dev fakeroot lintian mmdebstrap systemd-container
# And for `make deps-all`. Whoever has npm has it from where they want it.
DEBIAN_ALL = $(if $(shell command -v npm),,nodejs npm) chromium fonts-dejavu-core fonts-noto-color-emoji openssl \
	postfix dovecot-core dovecot-imapd dovecot-lmtpd

# The rooms, lowest first, and whom each may use (docs/design.md section 3).
ROOMS = base core conf store message engine channel net source reply api sys
MAY_base    =
MAY_core    = base
MAY_sys     = core base
MAY_conf    = sys core base
MAY_store   = core base
MAY_message = core base
MAY_engine  = conf store message core base
MAY_net     = sys base
MAY_channel = message net core base
MAY_source  = net core base
MAY_reply   = source conf store message core base
MAY_api     = store core base
MAY_daemon  = api reply source channel net engine store message conf sys core base
MAY_ctl     = $(MAY_daemon)
# What a room's tests link besides, because those it may use need it.
LINK_engine = sys
LINK_reply  = net sys

# What the compiler and pkg-config are asked is asked once, when it is first needed: `make deps all` must see what deps
# has just installed.
once = $(eval $(1) := $(2))$($(1))
probe = $(shell printf 'int main(void){return 0;}\n' | $(CC) -Werror $(1) -x c -o /dev/null - 2>/dev/null && echo '$(1)')
comma := ,
HARDENING = $(call once,HARDENING,$(call probe,-fstack-protector-strong) $(call probe,-fstack-clash-protection) \
	$(call probe,-fcf-protection) $(call probe,-fPIE))
HARDENING_LD = $(call once,HARDENING_LD,$(call probe,-pie) $(call probe,-Wl$(comma)-z$(comma)relro) \
	$(call probe,-Wl$(comma)-z$(comma)now) $(call probe,-Wl$(comma)--as-needed))
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion
PKG_CFLAGS = $(call once,PKG_CFLAGS,$(shell pkg-config --cflags $(PACKAGES)))
PKG_LIBS = $(call once,PKG_LIBS,$(shell pkg-config --libs $(PACKAGES)) -lcsv -lm -pthread)

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
room_archives = $(foreach r,api reply source channel net engine store message conf sys core base,$(if $(filter $(r),$(1)),$(BUILD)/lib/$(r).a))

UNIT_SOURCES := $(wildcard tests/unit/*/test_*.c)
UNIT_TESTS = $(UNIT_SOURCES:%.c=$(BUILD)/%)

C_FILES = $(wildcard lib/*/*.[ch] daemon/*.[ch] ctl/*.[ch] tests/unit/*/*.[ch] tests/scenario/*.[ch] \
	tests/reference/*.c tests/fuzz/*.c tests/oracle/*.c tests/sweep/*.c bench/*.c)
CLANG_FORMAT = $(shell command -v clang-format)
# Each version lays out a little differently; Debian 12's decides.
CLANG_FORMAT_14 = $(shell clang-format --version 2>/dev/null | grep -q 'version 14\.' && echo clang-format)

.PHONY: all help clean
all: $(BUILD)/cadenced $(BUILD)/cadencectl man  ## build the daemon, the command line and their manual pages

$(BUILD)/cadenced: $(patsubst %.c,$(BUILD)/%.o,$(wildcard daemon/*.c)) $(ARCHIVES)
	$(call say,  link $@)
	$(Q)$(CC) $(CFLAGS) $(HARDENING_LD) -o $@ $(filter %.o,$^) $(call room_archives,$(MAY_daemon)) $(PKG_LIBS) $(LDFLAGS)

$(BUILD)/cadencectl: $(patsubst %.c,$(BUILD)/%.o,$(wildcard ctl/*.c)) $(ARCHIVES)
	$(call say,  link $@)
	$(Q)$(CC) $(CFLAGS) $(HARDENING_LD) -o $@ $(filter %.o,$^) $(call room_archives,$(MAY_ctl)) $(PKG_LIBS) $(LDFLAGS)

# A page is written by hand around one line, @TABLE@, in whose place the program prints the table that it goes by itself.
MAN = $(BUILD)/man
PAGES = $(addprefix $(MAN)/,cadenced.8 cadencectl.1 cadenced.conf.5 cadenced-api.7 cadenced-risk.7)
.PHONY: man
man: $(PAGES)  ## build the manual pages in build/man
$(MAN)/cadenced.8: table = $(BUILD)/cadenced --print-manual log
$(MAN)/cadenced.conf.5: table = $(BUILD)/cadenced --print-manual conf
$(MAN)/cadenced-api.7: table = $(BUILD)/cadenced --print-manual api
$(MAN)/cadencectl.1: table = $(BUILD)/cadencectl --print-manual
$(MAN)/%: man/%.in $(BUILD)/cadenced $(BUILD)/cadencectl
	@mkdir -p $(@D)
	$(call say,  man $@)
	$(Q)$(table) >$@.table
	$(Q)sed -e '/^@TABLE@$$/{r $@.table' -e 'd}' $< >$@
	@rm $@.table
$(MAN)/%: man/%
	@mkdir -p $(@D)
	$(Q)cp $< $@

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,  cc $<)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

define room_rule
$(BUILD)/lib/$(1).a: $$(call room_objects,$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(Q)$$(AR) rcs $$@ $$^
endef
$(foreach r,$(ROOMS),$(eval $(call room_rule,$(r))))

# The schema is compiled in, so that the binary carries the tables it needs.
$(BUILD)/lib/store/schema_sqlite.o: lib/store/schema_sqlite.sql

# A unit test links its own room and what that room may use, nothing else.
room_of = $(word 3,$(subst /, ,$(1)))
define unit_rule
$(BUILD)/$(1:%.c=%): $(BUILD)/$(1:%.c=%.o) $$(call room_archives,$(call room_of,$(1)) $$(MAY_$(call room_of,$(1))) $$(LINK_$(call room_of,$(1))))
	$$(Q)$$(CC) $$(CFLAGS) $$(HARDENING_LD) -o $$@ $$^ $$(PKG_LIBS) -lcmocka $$(LDFLAGS)
endef
$(foreach t,$(UNIT_SOURCES),$(eval $(call unit_rule,$(t))))

LAYERS = $(foreach r,$(ROOMS) daemon ctl,$(r)=$(subst $(space),$(comma),$(strip $(MAY_$(r)))))
empty :=
space := $(empty) $(empty)

.PHONY: layers
layers: $(OBJECTS) $(ARCHIVES)  ## prove who includes whom, and that core, message and engine are pure
	@tests/tools/check-layers $(BUILD) $(LAYERS)
	@CC='$(CC)' tests/tools/test-layers $(BUILD) $(LAYERS)

.PHONY: headers
headers:  ## prove that each header compiles alone
	@for h in lib/*/*.h daemon/*.h ctl/*.h; do [ ! -e "$$h" ] || \
		$(CC) $(ALL_CFLAGS) -MF /dev/null -fsyntax-only -x c "$$h" || exit 1; done
	@echo "headers: each compiles alone"

.PHONY: unit
unit: $(UNIT_TESTS)  ## run the unit tests (one room: make unit ROOM=core)
	@tests/tools/run-units $(filter $(BUILD)/tests/unit/$(if $(ROOM),$(ROOM)/,)%,$^)

SCENARIO_ROOMS = engine store message conf sys core base
$(BUILD)/scenarios: $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/scenario/*.c)) $(SCENARIO_ROOMS:%=$(BUILD)/lib/%.a)
	$(call say,  link $@)
	$(Q)$(CC) $(CFLAGS) $(HARDENING_LD) -o $@ $(filter %.o,$^) $(call room_archives,$(SCENARIO_ROOMS)) $(PKG_LIBS) $(LDFLAGS)

.PHONY: scenario
scenario: $(BUILD)/scenarios  ## play the scenarios: years in virtual time (some: ONLY=dst; years again: SEED=7)
	@$(BUILD)/scenarios $(wildcard tests/scenario/*$(ONLY)*.txt)
	$(if $(ONLY),,@$(BUILD)/scenarios --clocks)
	$(if $(ONLY),,@$(BUILD)/scenarios --years $(SEED))

BENCH_ROOMS = store core base
$(BUILD)/sweep: $(BUILD)/bench/sweep.o $(BENCH_ROOMS:%=$(BUILD)/lib/%.a)
	$(call say,  link $@)
	$(Q)$(CC) $(CFLAGS) $(HARDENING_LD) -o $@ $(filter %.o,$^) $(call room_archives,$(BENCH_ROOMS)) $(PKG_LIBS) $(LDFLAGS)

# Answers for whoever measures the risk model on histories of their own: make build/risk_replay.
$(BUILD)/risk_replay: $(BUILD)/bench/risk_replay.o $(BUILD)/lib/core.a $(BUILD)/lib/base.a
	$(call say,  link $@)
	$(Q)$(CC) $(CFLAGS) $(HARDENING_LD) -o $@ $^ $(PKG_LIBS) $(LDFLAGS)

.PHONY: plot
plot: $(BUILD)/risk_replay  ## draw docs/risk.svg: survival curves of the risk model
	@$(PYTHON) docs/draw-risk $(BUILD)/risk_replay docs/risk.svg

# What the daemon is held against: nothing of it is in there.
$(BUILD)/hostile: $(BUILD)/bench/hostile.o $(BUILD)/lib/source.a $(BUILD)/lib/core.a $(BUILD)/lib/base.a
	$(call say,  link $@)
	$(Q)$(CC) $(CFLAGS) $(HARDENING_LD) -o $@ $^ $(PKG_LIBS) $(LDFLAGS)

BENCH_TOOLS = $(BUILD)/bench/sink $(BUILD)/bench/bare $(BUILD)/bench/load
$(BENCH_TOOLS): $(BUILD)/bench/%: bench/%.c
	$(call say,  cc $<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(HARDENING_LD) -o $@ $< $(PKG_LIBS) $(LDFLAGS)

.PHONY: bench
bench: all $(BUILD)/sweep $(BUILD)/hostile $(BENCH_TOOLS)  ## measure, as ratios in one run (some minutes)
	@BUILD='$(abspath $(BUILD))' $(PYTHON) bench/bench.py $(ONLY)

# Answers questions whose answers somebody else's library knows.
$(BUILD)/calendar: $(BUILD)/tests/reference/calendar.o $(BUILD)/lib/core.a $(BUILD)/lib/base.a
	$(Q)$(CC) $(CFLAGS) $(HARDENING_LD) -o $@ $^ $(PKG_LIBS) $(LDFLAGS)

.PHONY: e2e
e2e: all $(BUILD)/calendar  ## run the daemon against real servers (some tests: make e2e ONLY='mail or slack')
	@BUILD='$(abspath $(BUILD))' $(PYTHON) -m pytest -n $$((3 * $$(nproc))) $(if $(ONLY),-k '$(ONLY)') tests/e2e tests/reference

# Preloaded into the daemon under test; never installed.
FAULT = $(BUILD)/tests/sweep/fault.so
$(FAULT): tests/sweep/fault.c Makefile
	@mkdir -p $(@D)
	$(call say,  link $@)
	$(Q)$(CC) $(ALL_CFLAGS) -fPIC -fvisibility=default -shared -o $@ $< $(LDFLAGS)

.PHONY: sweep soak
sweep: all $(FAULT)  ## crash the daemon at every place of its road (minutes; a sample: QUICK=1, one point: ONLY=…)
	@BUILD='$(abspath $(BUILD))' $(PYTHON) tests/sweep/sweep.py $(if $(QUICK),--quick) $(if $(SEED),--seed '$(SEED)') \
		$(if $(ONLY),--only '$(ONLY)') $(if $(JOBS),--jobs $(JOBS))
	$(if $(ONLY),,@BUILD='$(abspath $(BUILD))' $(PYTHON) tests/sweep/replies.py $(if $(QUICK),--quick) \
		$(if $(SEED),--seed '$(SEED)'))
RUNS ?= 100
soak: all $(FAULT)  ## crash it at random over weeks of virtual time (RUNS=1000, the same again: SEED=7)
	@BUILD='$(abspath $(BUILD))' $(PYTHON) tests/sweep/soak.py --runs '$(RUNS)' $(if $(SEED),--seed '$(SEED)') \
		$(if $(JOBS),--jobs $(JOBS))

# What follows starts make anew: with a job a core, and after deps has installed what the first one could not find.
AGAIN = +@$(MAKE) --no-print-directory $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$$(nproc) -Otarget)

.PHONY: check check-parts
check:  ## everything a change must pass, in less than two minutes
	$(AGAIN) check-parts check-clang
	$(AGAIN) e2e
check-parts: all layers headers unit scenario check-reference check-man check-format

.PHONY: check-clang
check-clang:  ## build with clang too, if it is there
	$(if $(shell command -v clang),$(AGAIN) CC=clang BUILD=$(BUILD)/clang WERROR=-Werror all,@echo "clang: not installed, skipped")

# What needs minutes, or more packages than check: `make deps-all` installs those.
.PHONY: check-all check-sanitized
check-all:  ## check, and with sanitizers, and by the targets' own validators and servers (make deps-all first)
	$(AGAIN) check
	$(AGAIN) check-sanitized
	$(AGAIN) check-threads
	$(AGAIN) sweep QUICK=1
	$(AGAIN) soak RUNS=40
	$(AGAIN) soak-mail
	$(AGAIN) fuzz SECONDS=10
	$(AGAIN) oracle
	$(AGAIN) interop
	$(AGAIN) check-package
	$(AGAIN) check-boot
# The sanitizers watch the C library's calls only when they are not fortified, and make gcc warn of truncation that cannot be.
SANITIZED = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all -U_FORTIFY_SOURCE \
	-Wno-format-truncation
check-sanitized:  ## run the unit tests and the scenarios with the address and UB sanitizers
	+@export LSAN_OPTIONS=suppressions=$(CURDIR)/tests/leaks.supp:print_suppressions=0; \
		$(MAKE) --no-print-directory -j$$(nproc) BUILD='$(BUILD)/sanitized' CFLAGS='$(SANITIZED)' WERROR= unit scenario

# What threads of their own do, and what is sent ahead; a race makes the daemon end with a failure, and with it the test.
RACING = backup or doctor or ahead
.PHONY: check-threads
check-threads:  ## run the daemon with the thread sanitizer, where it has threads of its own
	+@$(MAKE) --no-print-directory -j$$(nproc) BUILD='$(BUILD)/threads' CFLAGS='-O1 -g -fsanitize=thread' LDFLAGS='$(LDFLAGS) -fsanitize=thread' WERROR= \
		ONLY='$(RACING)' e2e

# Mails that nobody wrote, through the worker (MAILS=1000000, the same again: SEED=7).
MAILS ?= 20000
CORPUS = tests/corpus/replies
$(BUILD)/soak-mail: $(BUILD)/tests/fuzz/soak_mail.o $(BUILD)/lib/source.a $(BUILD)/lib/core.a $(BUILD)/lib/base.a
	$(call say,  link $@)
	$(Q)$(CC) $(CFLAGS) $(HARDENING_LD) -o $@ $^ $(PKG_LIBS) $(LDFLAGS)
.PHONY: soak-mail
soak-mail:  ## send mutated mails through the worker, with the address sanitizer (MAILS=1000000, SEED=7)
	+@$(MAKE) --no-print-directory BUILD='$(BUILD)/sanitized' CFLAGS='$(SANITIZED)' WERROR= $(BUILD)/sanitized/soak-mail
	@mkdir -p '$(BUILD)/soak'
	@$(BUILD)/sanitized/soak-mail '$(MAILS)' '$(or $(SEED),$(shell date +%s))' '$(BUILD)/soak' $(wildcard $(CORPUS)/*.eml)

# What a stranger writes, judged by libFuzzer (FUZZ=command, SECONDS=60; what it found stays in build/fuzz/corpus).
FUZZERS = $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZED = -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
SECONDS ?= 60
$(BUILD)/fuzz-%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/lib/source.a $(BUILD)/lib/core.a $(BUILD)/lib/base.a
	$(call say,  link $@)
	$(Q)$(CC) $(CFLAGS) -fsanitize=fuzzer -o $@ $^ $(PKG_LIBS) $(LDFLAGS)
.SECONDARY: $(FUZZERS:%=$(BUILD)/tests/fuzz/fuzz_%.o)
.PHONY: fuzz
fuzz:  ## fuzz what reads mail, a minute each, with clang (one: FUZZ=command; SECONDS=600)
	$(if $(shell command -v clang),+@$(MAKE) --no-print-directory CC=clang BUILD='$(BUILD)/fuzz' CFLAGS='$(FUZZED)' WERROR= \
		$(patsubst %,$(BUILD)/fuzz/fuzz-%,$(or $(FUZZ),$(FUZZERS))),@echo "fuzz: clang is not installed, skipped")
	$(if $(shell command -v clang),@CORPUS='$(CORPUS)' tests/fuzz/run '$(BUILD)/fuzz' '$(SECONDS)' $(or $(FUZZ),$(FUZZERS)))

ORACLE = tests/oracle
RENDERED = $(BUILD)/oracle/rendered
ORACLE_ROOMS = channel $(MAY_channel) sys
$(BUILD)/render: $(BUILD)/$(ORACLE)/render.o $(ORACLE_ROOMS:%=$(BUILD)/lib/%.a)
	$(call say,  link $@)
	$(Q)$(CC) $(CFLAGS) $(HARDENING_LD) -o $@ $(filter %.o,$^) $(call room_archives,$(ORACLE_ROOMS)) $(PKG_LIBS) -lcmocka $(LDFLAGS)

.PHONY: oracle
oracle: $(BUILD)/render  ## let the targets' own libraries judge every message (pictures: build/oracle/shots)
	@rm -rf '$(RENDERED)' && mkdir -p '$(RENDERED)' && $(BUILD)/render '$(RENDERED)'
	@$(PYTHON) $(ORACLE)/defects.py '$(RENDERED)'
	@BUILD='$(abspath $(BUILD))' $(ORACLE)/run

.PHONY: interop
interop: all  ## send a digest through a real Postfix into a real Dovecot, and read it back
	@BUILD='$(abspath $(BUILD))' $(PYTHON) -m pytest tests/interop

.PHONY: reference check-reference
reference: $(BUILD)/cadenced  ## write conf/cadenced.full.conf from the table of keys
	$(BUILD)/cadenced --print-reference >conf/cadenced.full.conf
check-reference: $(BUILD)/cadenced
	@$(BUILD)/cadenced --print-reference | diff -u conf/cadenced.full.conf - || \
		{ echo "conf/cadenced.full.conf is not what the keys say: make reference"; exit 1; }

.PHONY: check-man
check-man: all  ## prove that the manual pages are clean and leave out nothing
	@BUILD='$(BUILD)' tests/tools/check-man $(PAGES)

.PHONY: demo
demo:  ## watch a partner go quiet and its owner hear of it, on this machine alone
	$(AGAIN) all
	@BUILD='$(abspath $(BUILD))' $(PYTHON) tests/tools/demo.py

.PHONY: deps
deps:  ## install the Debian packages that are missing
	@tests/tools/install-deps $(DEBIAN)
.PHONY: deps-boot
deps-boot:  ## install what check-package and check-boot need
	@tests/tools/install-deps $(DEBIAN_BOOT)
.PHONY: deps-all
deps-all:  ## install what check-all needs besides
	@tests/tools/install-deps $(DEBIAN) $(DEBIAN_BOOT) $(DEBIAN_ALL)
	@$(ORACLE)/install
# Named beside other targets they come first, also with -j.
ifneq ($(filter deps deps-boot deps-all,$(MAKECMDGOALS)),)
$(filter-out deps deps-boot deps-all,$(MAKECMDGOALS)): | $(filter deps deps-boot deps-all,$(MAKECMDGOALS))
endif

.PHONY: format check-format
format:  ## lay out the C code, if clang-format is there
	$(if $(CLANG_FORMAT),@$(CLANG_FORMAT) -i $(C_FILES),@echo "clang-format: not installed, skipped")
check-format:  ## say which C code is not laid out, if clang-format 14 is there
	$(if $(CLANG_FORMAT_14),@$(CLANG_FORMAT_14) --dry-run -Werror $(C_FILES) && echo "format: as .clang-format says", \
		@echo "format: clang-format 14 is not installed, skipped")

PREFIX ?= /usr/local
UNITDIR ?= $(PREFIX)/lib/systemd/system
# The units say /usr; what is installed elsewhere is named there.
unit = sed 's|/usr/\(s\?bin\)/cadence|$(PREFIX)/\1/cadence|g' 'systemd/$(1)' >'$(DESTDIR)$(UNITDIR)/$(1)' && \
	chmod 644 '$(DESTDIR)$(UNITDIR)/$(1)'
.PHONY: install
install: all  ## install to $(DESTDIR)$(PREFIX)
	install -D -m 755 -t '$(DESTDIR)$(PREFIX)/sbin' $(BUILD)/cadenced
	install -D -m 755 -t '$(DESTDIR)$(PREFIX)/bin' $(BUILD)/cadencectl
	install -D -m 644 -t '$(DESTDIR)$(PREFIX)/share/doc/cadenced' README.md NEWS.md LICENSE docs/*.md $(wildcard docs/*.svg) conf/*.conf
	install -d -m 755 '$(DESTDIR)$(UNITDIR)'
	$(call unit,cadenced.service)
	$(call unit,cadenced.socket)
	$(call unit,cadenced-failed@.service)
	install -D -m 644 systemd/cadenced.sysusers '$(DESTDIR)$(PREFIX)/lib/sysusers.d/cadenced.conf'
	install -D -m 644 systemd/cadenced.tmpfiles '$(DESTDIR)$(PREFIX)/lib/tmpfiles.d/cadenced.conf'
	for page in $(PAGES); do \
		install -D -m 644 -t '$(DESTDIR)$(PREFIX)/share/man/man'"$${page##*.}" "$$page" || exit 1; done
	install -D -m 644 completion/cadencectl.bash '$(DESTDIR)$(PREFIX)/share/bash-completion/completions/cadencectl'

# Debian packages, built from a copy of the tree so that nothing is left in it.
.PHONY: package check-package
package:  ## build the Debian package in build/package
	@BUILD='$(abspath $(BUILD))' tests/boot/package '$(abspath $(BUILD))/package'
check-package:  ## prove that it is the same bytes wherever it is built, and that lintian has no complaint
	@BUILD='$(abspath $(BUILD))' tests/boot/check-package

.PHONY: check-boot
check-boot:  ## install the package in a Debian that boots, and put it to the test (as root)
	@BUILD='$(abspath $(BUILD))' tests/boot/check-boot

clean:  ## remove everything that was built
	rm -rf $(BUILD)

help:  ## list the targets
	@sed -n 's/^\([a-z][a-z0-9-]*\):.*  ## /\1\t/p' Makefile | sort | awk -F'\t' '{printf "  %-15s %s\n", $$1, $$2}'

-include $(OBJECTS:.o=.d) $(UNIT_TESTS:=.d) $(wildcard $(BUILD)/tests/scenario/*.d)

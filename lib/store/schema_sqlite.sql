-- The schema for SQLite, as numbered migrations: each "-- migration N" starts one, each runs once, in a transaction of
-- its own. Days are day numbers (0 is 1970-01-01), instants are milliseconds since then, in UTC. Texts are UTF-8
-- without control or bidirectional characters (notes may hold line feeds and tabs).

-- migration 1

-- Single facts: installation (a random secret), roster_hash (the calendars everybody was last judged by),
-- last_now (the latest instant known, to notice a clock that went back), rest|CHANNEL (the instant until which it asked
-- for silence), ended|PARTNER (where the file names one that a decision ended).
CREATE TABLE meta (
	key   TEXT PRIMARY KEY,
	value TEXT NOT NULL
) WITHOUT ROWID;

-- Organisations we have a partnership with.
CREATE TABLE partner (
	row        INTEGER PRIMARY KEY,
	id         TEXT NOT NULL UNIQUE,          -- the slug, as people type it
	name       TEXT NOT NULL,
	owner      TEXT NOT NULL,                 -- id of an owner; the roster may have lost them
	hears      TEXT NOT NULL,                 -- id of the owner who is told: owner, or a lost owner's stand-in
	cadence    TEXT NOT NULL,                 -- id of a cadence
	tags       TEXT,
	origin     TEXT,                          -- "cadenced.conf:41" when the file manages it; NULL: the database does
	since      INTEGER,                       -- day the partnership began, NULL: not said
	first_seen INTEGER NOT NULL,              -- day we first heard of it
	archived   INTEGER,                       -- day it was archived, NULL: it is live
	ended      INTEGER NOT NULL DEFAULT 0     -- 1: by a decision; only a person restores it, whatever the file says
);
CREATE INDEX partner_hears ON partner (hears) WHERE archived IS NULL;
CREATE INDEX partner_owner ON partner (owner);

-- When each live partner must be looked at again. Narrow, because a sweep rewrites it.
CREATE TABLE sched (
	next_check INTEGER NOT NULL,              -- instant
	partner    INTEGER NOT NULL,
	PRIMARY KEY (next_check, partner)
) WITHOUT ROWID;
CREATE UNIQUE INDEX sched_partner ON sched (partner);

-- Every occasion of contact.
CREATE TABLE contact (
	id        INTEGER PRIMARY KEY,
	partner   INTEGER NOT NULL REFERENCES partner (row),
	day       INTEGER NOT NULL,
	kind      TEXT NOT NULL,
	direction TEXT NOT NULL,
	counts    INTEGER NOT NULL,               -- 1 when it resets the clock
	minutes   INTEGER,
	"by"      TEXT,                           -- the owner who had it
	person    TEXT,
	note      TEXT,
	source    TEXT NOT NULL,                  -- conf, command, csv, api
	ext_id    TEXT,
	origin    TEXT,                           -- file:line for source conf
	identity  TEXT NOT NULL,                  -- what makes it the same contact when it comes again
	actor     TEXT NOT NULL,
	entered   INTEGER NOT NULL,               -- instant
	UNIQUE (partner, identity)
);
CREATE INDEX contact_newest ON contact (partner, counts, day, id);

-- What a person has answered about a partner: each kind at most once, a later one replaces it.
CREATE TABLE answer (
	partner INTEGER NOT NULL REFERENCES partner (row),
	kind    TEXT NOT NULL,                    -- off, snooze, ack, plan, keep, fix
	given   INTEGER NOT NULL,                 -- day
	until   INTEGER,                          -- day it is quiet until, planned or promised for; NULL: without a day
	reason  TEXT,
	actor   TEXT NOT NULL,
	at      INTEGER NOT NULL,                 -- instant; with mark it says which contacts came after it
	mark    INTEGER NOT NULL,                 -- the greatest id of a contact when it was given
	PRIMARY KEY (partner, kind)
) WITHOUT ROWID;
CREATE INDEX answer_kind ON answer (kind);

-- The advice to act: one for each silence (partner, rule, base).
CREATE TABLE nudge (
	id       INTEGER PRIMARY KEY,
	partner  INTEGER NOT NULL REFERENCES partner (row),
	rule     TEXT NOT NULL,
	base     INTEGER NOT NULL,                -- day the silence counts from
	raised   INTEGER NOT NULL,                -- instant
	resolved INTEGER,                         -- instant, NULL: open
	cause    TEXT,                            -- why it was resolved: contact, changed, archived
	state    TEXT NOT NULL,                   -- due or cold, as last judged
	events   INTEGER NOT NULL DEFAULT 0,      -- events sent about it so far: numbers their keys
	step     INTEGER NOT NULL DEFAULT 0,      -- of the ladder, reached so far
	step_day INTEGER,                         -- day on which it was
	UNIQUE (partner, rule, base)
);
CREATE INDEX nudge_open ON nudge (partner) WHERE resolved IS NULL;
CREATE INDEX nudge_step ON nudge (partner) WHERE step > 0 AND resolved IS NULL;

-- What each hearer was told about a nudge.
CREATE TABLE told (
	nudge  INTEGER NOT NULL REFERENCES nudge (id),
	hearer TEXT NOT NULL,
	day    INTEGER NOT NULL,
	count  INTEGER NOT NULL,
	state  TEXT NOT NULL,                     -- the state that was told
	step   INTEGER NOT NULL DEFAULT 0,        -- the step of the ladder that was told
	PRIMARY KEY (nudge, hearer)
) WITHOUT ROWID;

-- What is remembered of each owner.
CREATE TABLE owner (
	id          TEXT PRIMARY KEY,
	first_seen  INTEGER NOT NULL,
	looked      INTEGER,                      -- last local day a digest was composed, empty or not
	digest      INTEGER,                      -- last local day a digest was sent off
	turn        INTEGER,                      -- last local day a review turn was had
	turn_review INTEGER,                      -- the review day whose turn it was
	away_first  INTEGER,                      -- away by command, both ends included
	away_last   INTEGER,
	backup      TEXT,                         -- as the roster last said: who stands in when the owner vanishes
	manager     TEXT
) WITHOUT ROWID;

-- Digests that were composed; their deliveries are in the outbox.
CREATE TABLE digest (
	id        INTEGER PRIMARY KEY,
	owner     TEXT NOT NULL,
	day       INTEGER NOT NULL,
	kind      TEXT NOT NULL,                  -- nudges or quiet
	state     TEXT NOT NULL DEFAULT 'open',   -- open: a delivery is under way; delivered: by one channel at least;
	                                          -- lost: every delivery ended dead or dropped; replaced
	ahead     INTEGER NOT NULL DEFAULT 0,     -- its id when a wrong clock dated it in the future: that day is free again
	UNIQUE (owner, day, ahead)
);
CREATE INDEX digest_open ON digest (owner) WHERE state = 'open';

-- Which nudges a digest told, and what had been told before: to go back to when it is lost.
CREATE TABLE digest_nudge (
	digest      INTEGER NOT NULL REFERENCES digest (id),
	nudge       INTEGER NOT NULL REFERENCES nudge (id),
	state       TEXT NOT NULL,                -- the state it told
	step        INTEGER NOT NULL DEFAULT 0,   -- the step of the ladder it told
	prior_day   INTEGER,                      -- NULL: it was never told
	prior_count INTEGER,
	prior_state TEXT,
	prior_step  INTEGER,
	PRIMARY KEY (digest, nudge)
) WITHOUT ROWID;
CREATE INDEX digest_nudge_nudge ON digest_nudge (nudge);

-- Deliveries that are not done: queued, sending, retry, or dead and not yet looked at.
CREATE TABLE outbox (
	id        INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again: history names deliveries by it
	key       TEXT NOT NULL UNIQUE,           -- digest|owner|day|channel|recipient, event|nudge|n|channel, test|…,
	                                          -- admin|day|address
	kind      TEXT NOT NULL,                  -- digest, event, test, admin
	state     TEXT NOT NULL,
	channel   TEXT NOT NULL,
	recipient TEXT,                           -- mail address, NULL for hooks
	owner     TEXT,                           -- whose digest
	digest    INTEGER REFERENCES digest (id),
	nudge     INTEGER REFERENCES nudge (id),
	attempts  INTEGER NOT NULL DEFAULT 0,     -- also the fence: a result counts only for the attempt it belongs to
	ambiguous INTEGER NOT NULL DEFAULT 0,     -- tries after which nobody knew whether it was accepted
	next_try  INTEGER NOT NULL,               -- instant; of what is dead when it died, 0: an admin was told
	created   INTEGER NOT NULL,               -- instant; the message's Date
	document  TEXT NOT NULL,                  -- what it says, composed once
	reason    TEXT                            -- of the last failure
);
CREATE INDEX outbox_due ON outbox (state, next_try);
CREATE INDEX outbox_channel ON outbox (channel, state, next_try);
CREATE INDEX outbox_digest ON outbox (digest) WHERE digest IS NOT NULL;
CREATE INDEX outbox_nudge ON outbox (nudge, channel, id) WHERE nudge IS NOT NULL;

-- What happened, who did it, with what evidence.
CREATE TABLE history (
	id      INTEGER PRIMARY KEY,
	at      INTEGER NOT NULL,                 -- instant
	actor   TEXT NOT NULL,                    -- "uid 1000", "conf", "cadenced"
	verb    TEXT NOT NULL,                    -- partner.added, contact.logged, nudge.raised, delivery.delivered, …
	partner INTEGER,
	owner   TEXT,
	key     TEXT,                             -- of a delivery that is done, so that it is never made again
	delivery INTEGER,                         -- its id, with key
	detail  TEXT                              -- JSON object
);
CREATE INDEX history_partner ON history (partner, id) WHERE partner IS NOT NULL;
CREATE INDEX history_at ON history (at);
CREATE UNIQUE INDEX history_key ON history (key) WHERE key IS NOT NULL;
CREATE INDEX history_delivery ON history (delivery) WHERE delivery IS NOT NULL;

-- Answers to requests that carried an Idempotency-Key, kept for a day.
CREATE TABLE idempotency (
	key    TEXT PRIMARY KEY,
	at     INTEGER NOT NULL,
	request TEXT NOT NULL,                    -- hash of method, path and body
	status INTEGER NOT NULL,
	body   TEXT NOT NULL
) WITHOUT ROWID;

-- migration 2

-- What lay ahead when the clock stepped back, as it was before: it comes back when the clock does, and is forgotten
-- when the clock goes on from there. meta has stepped_from and stepped_at, instants.
CREATE TABLE misdated (
	what  TEXT NOT NULL,                      -- table and column: contact.day
	id    INTEGER NOT NULL,                   -- with name what finds the row
	name  TEXT NOT NULL,
	value INTEGER NOT NULL,                   -- the day or instant that was there
	PRIMARY KEY (what, id, name)
) WITHOUT ROWID;

-- A start looks at the pairs of owner and hearer and at the file's partners, however many others there are.
CREATE INDEX partner_hearing ON partner (owner, hears) WHERE archived IS NULL;
CREATE INDEX partner_file ON partner (id) WHERE origin IS NOT NULL AND archived IS NULL;

-- What is long over is found without a walk over everything.
CREATE INDEX nudge_resolved ON nudge (resolved) WHERE resolved IS NOT NULL;

-- migration 3

-- An id is never given out twice, as those of outbox are not: what was erased is still named elsewhere, in the key of an
-- event that was delivered, in a request that comes again. AUTOINCREMENT alone changes nothing in the rows, so no table is
-- made anew: that would set off the foreign keys, which cannot be turned off within a transaction.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'INTEGER PRIMARY KEY,', 'INTEGER PRIMARY KEY AUTOINCREMENT,')
	WHERE type = 'table' AND name IN ('partner', 'contact', 'nudge');
PRAGMA writable_schema = RESET;

-- Nudges that were erased before have left the keys of their events.
INSERT INTO sqlite_sequence (name, seq)
	SELECT 'nudge', max(CAST(substr(key, length('event|') + 1) AS INTEGER)) FROM history
	WHERE key LIKE 'event|%' GROUP BY 1;

-- What lay ahead comes back with the clock only where nobody has changed it since. Nobody can tell so of what was kept
-- until now: it is forgotten.
DROP TABLE misdated;
CREATE TABLE misdated (
	what  TEXT NOT NULL,                      -- table and column: contact.day
	id    INTEGER NOT NULL,                   -- with name what finds the row
	name  TEXT NOT NULL,
	value INTEGER NOT NULL,                   -- the day or instant that was there
	put   INTEGER NOT NULL,                   -- what was put in its place
	PRIMARY KEY (what, id, name)
) WITHOUT ROWID;

-- migration 4

-- Where nothing is sent until somebody has mended it: a channel that refuses us, an address that nobody has. What is
-- for it waits.
CREATE TABLE block (
	channel   TEXT NOT NULL,
	recipient TEXT NOT NULL,                  -- mail address; '': the whole channel
	since     INTEGER NOT NULL,               -- instant
	reason    TEXT NOT NULL,                  -- what the other side said
	hash      TEXT NOT NULL,                  -- of the channel's settings then: with others it is tried again
	token     TEXT NOT NULL,                  -- SHA-256 of the access token that was refused: with another it is tried
	                                          -- again; '': it was not about one
	told      INTEGER NOT NULL DEFAULT 0,     -- 1: an admin's mail said so; 2: the fallback did; 3: both
	PRIMARY KEY (channel, recipient)
) WITHOUT ROWID;

ALTER TABLE outbox ADD COLUMN plain INTEGER NOT NULL DEFAULT 0; -- 1: its markup was refused, it is tried without
ALTER TABLE outbox ADD COLUMN doubted INTEGER NOT NULL DEFAULT 0; -- 1: a refusal was not believed at once; the next one is
-- When its schedule of tries began, and how many tries it had had by then: what waited, or is tried again by hand, begins
-- anew. attempts goes on, as it is the fence.
ALTER TABLE outbox ADD COLUMN schedule_from INTEGER NOT NULL DEFAULT 0; -- instant
ALTER TABLE outbox ADD COLUMN schedule_attempts INTEGER NOT NULL DEFAULT 0;
UPDATE outbox SET schedule_from = created;

-- migration 5

-- The rhythm of a partner, by which the risk model judges its silences (core/rhythm.h). It moves on with each contact that
-- counts, in the same transaction. NULL in met: not known yet, the contacts tell; whoever judges the partner next keeps it.
ALTER TABLE partner ADD COLUMN met INTEGER;       -- days of contact
ALTER TABLE partner ADD COLUMN met_first INTEGER; -- day of the first and of the last of them
ALTER TABLE partner ADD COLUMN met_last INTEGER;
ALTER TABLE partner ADD COLUMN gap_weight REAL;   -- how many gaps the mean stands on
ALTER TABLE partner ADD COLUMN gap_mean REAL;     -- of the logarithm of the gaps in days
ALTER TABLE partner ADD COLUMN gap_square REAL;   -- sum of squares around it
ALTER TABLE partner ADD COLUMN met_live INTEGER;  -- days with contact that was neither imported nor configured
ALTER TABLE partner ADD COLUMN live_last INTEGER; -- day of the last of them
-- Days after the last contact at which the partner has gone cold; NULL: the model finds them.
ALTER TABLE partner ADD COLUMN cold_mark INTEGER;

-- migration 6

-- An event is kept as the body that is posted.
UPDATE outbox SET document = '{"type":' || json_quote(json_extract(document, '$.type')) || ',"timestamp":"'
	|| strftime('%Y-%m-%dT%H:%M:%SZ', json_extract(document, '$.at') / 1000, 'unixepoch') || '","data":'
	|| json_extract(document, '$.data') || '}'
	WHERE kind = 'event' AND json_extract(document, '$.kind') = 'event';
-- Each passage of a delivery pays for each index: what is dead is few, and what was being sent is asked for once.
DROP INDEX outbox_due;
CREATE INDEX outbox_dead ON outbox (id) WHERE state = 'dead';

-- migration 7

-- meta has reply_keys too: the secrets that sign the tokens of replies, the newest first, in hexadecimal.

-- Mails that can be answered by replying, for 90 days.
CREATE TABLE answerable (
	id      INTEGER PRIMARY KEY AUTOINCREMENT, -- stands in the token
	channel TEXT NOT NULL,
	owner   TEXT,                             -- whose digest it is, NULL: a test
	address TEXT,                             -- to whom the test went
	mark    TEXT,                             -- of its Message-ID: what stands before the @
	sent    INTEGER NOT NULL                  -- instant it was composed
);
CREATE UNIQUE INDEX answerable_mark ON answerable (mark) WHERE mark IS NOT NULL;
CREATE INDEX answerable_sent ON answerable (sent);

-- What the numbers in them stand for.
CREATE TABLE answerable_entry (
	answerable INTEGER NOT NULL REFERENCES answerable (id),
	number     INTEGER NOT NULL,
	partner    INTEGER NOT NULL REFERENCES partner (row),
	PRIMARY KEY (answerable, number)
) WITHOUT ROWID;
CREATE INDEX answerable_entry_partner ON answerable_entry (partner);

-- Answers that were taken, for 90 days: one that comes again acts no second time.
CREATE TABLE reply (
	message   TEXT PRIMARY KEY,               -- its Message-ID; without one the hash of the mail
	at        INTEGER NOT NULL,               -- instant
	sender    TEXT NOT NULL,
	done      INTEGER NOT NULL,               -- lines
	failed    INTEGER NOT NULL,
	confirmed INTEGER NOT NULL                -- 1: a mail said what came of it
) WITHOUT ROWID;
CREATE INDEX reply_at ON reply (at);

-- Mails that were not taken, counted.
CREATE TABLE refusal (
	why    TEXT PRIMARY KEY,                  -- stranger, expired, forged, …
	count  INTEGER NOT NULL,
	first  INTEGER NOT NULL,                  -- instant of the first and of the last one
	last   INTEGER NOT NULL,
	sender TEXT                               -- of the last one
) WITHOUT ROWID;

-- Format 2. Explained for people in docs/data.md; change both together.
-- The four tables dropped here never held a row: no version that knew format 1 wrote to them.

DROP TABLE rollup_minute;
DROP TABLE rollup_hour;
DROP TABLE rollup_day;
DROP TABLE series;

-- The combinations that roll-ups are kept for. A bounded number of them is live; the rest is counted under class
-- 'other' with no tenant, feature or provider.
CREATE TABLE series (
    id       INTEGER PRIMARY KEY,
    mode     TEXT    NOT NULL CHECK (mode IN ('real', 'practice', 'drill')),
    tenant   TEXT    NOT NULL,
    feature  TEXT    NOT NULL,                          -- '' where none was named
    provider TEXT    NOT NULL,                          -- '' where none was asked
    class    TEXT    NOT NULL,                          -- served, cache, bypass, none, other
    last_day INTEGER NOT NULL,                          -- the newest UTC day with a request, seconds since 1970
    UNIQUE (mode, tenant, feature, provider, class)
) STRICT;

-- counts: exact counters and latency histograms in the encoding of evenkeel_slo::tally.
-- No references to series or promises: a delete there would scan all of these.
CREATE TABLE rollup_minute (
    start  INTEGER NOT NULL,                            -- seconds since 1970 UTC, a multiple of 60
    series INTEGER NOT NULL,
    counts BLOB    NOT NULL,
    PRIMARY KEY (start, series)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollup_hour (
    start  INTEGER NOT NULL,                            -- a multiple of 3600
    series INTEGER NOT NULL,
    counts BLOB    NOT NULL,
    PRIMARY KEY (start, series)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollup_day (
    start  INTEGER NOT NULL,                            -- midnight UTC
    series INTEGER NOT NULL,
    counts BLOB    NOT NULL,
    PRIMARY KEY (start, series)
) STRICT, WITHOUT ROWID;

-- Each SLO that was ever declared, with the target that is in force.
CREATE TABLE promises (
    id        INTEGER PRIMARY KEY,
    name      TEXT    NOT NULL,
    tenant    TEXT,                                     -- NULL: all
    feature   TEXT,                                     -- NULL: all
    basis     TEXT    NOT NULL CHECK (basis IN ('first_byte', 'first_token', 'complete')),
    target_ms INTEGER NOT NULL,
    in_force  INTEGER NOT NULL CHECK (in_force IN (0, 1)),
    done_seq  INTEGER NOT NULL                          -- requests up to here are counted or stand in promise_gaps
) STRICT;

-- Stretches of the ledger that a promise has yet to be told of: after `after_seq`, up to and with `upto_seq`.
CREATE TABLE promise_gaps (
    promise   INTEGER NOT NULL,
    upto_seq  INTEGER NOT NULL,
    after_seq INTEGER NOT NULL,
    PRIMARY KEY (promise, upto_seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE promise_minute (
    start   INTEGER NOT NULL,
    promise INTEGER NOT NULL,
    mode    TEXT    NOT NULL CHECK (mode IN ('real', 'practice')),
    counts  BLOB    NOT NULL,
    PRIMARY KEY (start, promise, mode)
) STRICT, WITHOUT ROWID;

CREATE TABLE promise_hour (
    start   INTEGER NOT NULL,
    promise INTEGER NOT NULL,
    mode    TEXT    NOT NULL CHECK (mode IN ('real', 'practice')),
    counts  BLOB    NOT NULL,
    PRIMARY KEY (start, promise, mode)
) STRICT, WITHOUT ROWID;

CREATE TABLE promise_day (
    start   INTEGER NOT NULL,
    promise INTEGER NOT NULL,
    mode    TEXT    NOT NULL CHECK (mode IN ('real', 'practice')),
    counts  BLOB    NOT NULL,
    PRIMARY KEY (start, promise, mode)
) STRICT, WITHOUT ROWID;

-- Rows from before this format, and any that could not be counted when they came.
CREATE INDEX requests_unrolled ON requests (seq) WHERE rolled = 0;

-- When Evenkeel ran and could have seen requests.
CREATE TABLE alive (
    seq     INTEGER PRIMARY KEY,
    from_us INTEGER NOT NULL,
    to_us   INTEGER NOT NULL
) STRICT;

CREATE INDEX alive_to ON alive (to_us);

-- Declared windows of the error budget.
CREATE TABLE budget_windows (
    id      INTEGER PRIMARY KEY,
    kind    TEXT    NOT NULL CHECK (kind IN ('deploy', 'experiment')),
    reason  TEXT    NOT NULL,
    from_us INTEGER NOT NULL,
    to_us   INTEGER NOT NULL,
    made_us INTEGER NOT NULL
) STRICT;

-- Why something was changed although the budget was gone.
CREATE TABLE reasons (
    seq    INTEGER PRIMARY KEY,
    at_us  INTEGER NOT NULL,
    what   TEXT    NOT NULL,
    reason TEXT    NOT NULL
) STRICT;

-- Where each alert stands, so that a restart neither forgets nor repeats one.
CREATE TABLE alert_state (
    key        TEXT    NOT NULL PRIMARY KEY,
    json       TEXT    NOT NULL,
    updated_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Pages on their way to a person. The key makes one that is queued twice the same page.
CREATE TABLE pages (
    key      TEXT    NOT NULL PRIMARY KEY,
    made_us  INTEGER NOT NULL,
    due_us   INTEGER NOT NULL,
    state    TEXT    NOT NULL CHECK (state IN ('queued', 'delivered', 'failed')),
    tries    INTEGER NOT NULL,
    title    TEXT    NOT NULL,
    body     TEXT    NOT NULL,
    incident TEXT,
    json     TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX pages_due ON pages (state, due_us);

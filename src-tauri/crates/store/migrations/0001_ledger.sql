-- Format 1. Explained for people in docs/data.md; change both together.
-- Times are microseconds since 1970 UTC (_us) or milliseconds of duration (_ms), money is micro-dollars.
-- No column here may ever hold the text of a prompt or an answer.

CREATE TABLE requests (
    seq                INTEGER PRIMARY KEY,             -- order of recording; only ever grows
    id                 TEXT    NOT NULL UNIQUE,
    at_us              INTEGER NOT NULL,                -- arrival
    mode               TEXT    NOT NULL CHECK (mode IN ('real', 'practice', 'drill')),
    tenant             TEXT    NOT NULL,
    feature            TEXT,
    route              TEXT,
    dialect            TEXT    NOT NULL,
    endpoint           TEXT    NOT NULL,
    stream             INTEGER NOT NULL CHECK (stream IN (0, 1)),
    prompt_version     TEXT,
    model_asked        TEXT,
    model              TEXT,
    provider           TEXT,
    served_by          TEXT,
    status             INTEGER NOT NULL,
    outcome            TEXT    NOT NULL,
    counted            TEXT    NOT NULL CHECK (counted IN ('good', 'bad', 'no')),
    cause              TEXT,
    first_token_ms     INTEGER,
    total_ms           INTEGER NOT NULL,
    tokens_input       INTEGER,                         -- exclusive: without cached and cache_write
    tokens_output      INTEGER,                         -- reasoning included
    tokens_cached      INTEGER,
    tokens_cache_write INTEGER,
    tokens_reasoning   INTEGER,
    cost_micros        INTEGER,                         -- NULL is unknown, never 0
    saved_micros       INTEGER,
    cache              TEXT    NOT NULL,
    degraded           TEXT,
    plan               TEXT,                            -- JSON
    rolled             INTEGER NOT NULL DEFAULT 0 CHECK (rolled IN (0, 1)),  -- counted in the roll-ups
    failed             INTEGER NOT NULL GENERATED ALWAYS AS (counted = 'bad') VIRTUAL
) STRICT;

-- SQLite ends every index with seq, so each of these also orders rows of the same microsecond.
CREATE INDEX requests_at     ON requests (at_us);
CREATE INDEX requests_mode   ON requests (mode, at_us);
CREATE INDEX requests_tenant ON requests (tenant, at_us);
CREATE INDEX requests_failed ON requests (failed, at_us);

CREATE TABLE attempts (
    request             INTEGER NOT NULL REFERENCES requests (seq) ON DELETE CASCADE,
    place               INTEGER NOT NULL,               -- 0, 1, 2 …: the order they were made in
    n                   INTEGER NOT NULL,               -- the number people see, from 1
    provider            TEXT    NOT NULL,
    model               TEXT,
    outcome             TEXT    NOT NULL,
    status              INTEGER,
    first_token_ms      INTEGER,
    total_ms            INTEGER NOT NULL,
    cost_micros         INTEGER,
    tokens_input        INTEGER,
    tokens_output       INTEGER,
    tokens_cached       INTEGER,
    tokens_cache_write  INTEGER,
    tokens_reasoning    INTEGER,
    provider_request_id TEXT,
    detail              TEXT,                           -- the provider's error message, 300 characters at most
    PRIMARY KEY (request, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE tenants (
    name            TEXT    NOT NULL PRIMARY KEY,
    features        TEXT    NOT NULL,                   -- JSON array of text
    key_hash        BLOB    CHECK (length(key_hash) = 32),
    created_at_us   INTEGER NOT NULL,
    last_used_at_us INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    seq   INTEGER PRIMARY KEY,
    at_us INTEGER NOT NULL,
    kind  TEXT    NOT NULL,
    text  TEXT    NOT NULL,
    data  TEXT                                          -- JSON
) STRICT;

CREATE INDEX events_at ON events (at_us);

CREATE TABLE settings (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Roll-ups: one row a span of time and series, sealed in the transaction that sets requests.rolled.
CREATE TABLE series (
    id       INTEGER PRIMARY KEY,
    mode     TEXT NOT NULL CHECK (mode IN ('real', 'practice', 'drill')),
    tenant   TEXT NOT NULL,
    feature  TEXT NOT NULL,                             -- '' where none was named
    provider TEXT NOT NULL,                             -- '' where none answered
    class    TEXT NOT NULL,
    UNIQUE (mode, tenant, feature, provider, class)
) STRICT;

CREATE TABLE rollup_minute (
    start              INTEGER NOT NULL,                -- seconds since 1970 UTC, a multiple of 60
    series             INTEGER NOT NULL REFERENCES series (id),
    n                  INTEGER NOT NULL DEFAULT 0,
    good               INTEGER NOT NULL DEFAULT 0,
    bad                INTEGER NOT NULL DEFAULT 0,
    slow               INTEGER NOT NULL DEFAULT 0,
    rescued            INTEGER NOT NULL DEFAULT 0,
    cached             INTEGER NOT NULL DEFAULT 0,
    unpriced           INTEGER NOT NULL DEFAULT 0,
    cost_micros        INTEGER NOT NULL DEFAULT 0,
    saved_micros       INTEGER NOT NULL DEFAULT 0,
    tokens_input       INTEGER NOT NULL DEFAULT 0,
    tokens_output      INTEGER NOT NULL DEFAULT 0,
    tokens_cached      INTEGER NOT NULL DEFAULT 0,
    tokens_cache_write INTEGER NOT NULL DEFAULT 0,
    tokens_reasoning   INTEGER NOT NULL DEFAULT 0,
    histogram          BLOB,                            -- latency, log buckets, 1 % error
    PRIMARY KEY (start, series)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollup_hour (
    start              INTEGER NOT NULL,                -- a multiple of 3600
    series             INTEGER NOT NULL REFERENCES series (id),
    n                  INTEGER NOT NULL DEFAULT 0,
    good               INTEGER NOT NULL DEFAULT 0,
    bad                INTEGER NOT NULL DEFAULT 0,
    slow               INTEGER NOT NULL DEFAULT 0,
    rescued            INTEGER NOT NULL DEFAULT 0,
    cached             INTEGER NOT NULL DEFAULT 0,
    unpriced           INTEGER NOT NULL DEFAULT 0,
    cost_micros        INTEGER NOT NULL DEFAULT 0,
    saved_micros       INTEGER NOT NULL DEFAULT 0,
    tokens_input       INTEGER NOT NULL DEFAULT 0,
    tokens_output      INTEGER NOT NULL DEFAULT 0,
    tokens_cached      INTEGER NOT NULL DEFAULT 0,
    tokens_cache_write INTEGER NOT NULL DEFAULT 0,
    tokens_reasoning   INTEGER NOT NULL DEFAULT 0,
    histogram          BLOB,
    PRIMARY KEY (start, series)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollup_day (
    start              INTEGER NOT NULL,                -- midnight UTC
    series             INTEGER NOT NULL REFERENCES series (id),
    n                  INTEGER NOT NULL DEFAULT 0,
    good               INTEGER NOT NULL DEFAULT 0,
    bad                INTEGER NOT NULL DEFAULT 0,
    slow               INTEGER NOT NULL DEFAULT 0,
    rescued            INTEGER NOT NULL DEFAULT 0,
    cached             INTEGER NOT NULL DEFAULT 0,
    unpriced           INTEGER NOT NULL DEFAULT 0,
    cost_micros        INTEGER NOT NULL DEFAULT 0,
    saved_micros       INTEGER NOT NULL DEFAULT 0,
    tokens_input       INTEGER NOT NULL DEFAULT 0,
    tokens_output      INTEGER NOT NULL DEFAULT 0,
    tokens_cached      INTEGER NOT NULL DEFAULT 0,
    tokens_cache_write INTEGER NOT NULL DEFAULT 0,
    tokens_reasoning   INTEGER NOT NULL DEFAULT 0,
    histogram          BLOB,
    PRIMARY KEY (start, series)
) STRICT, WITHOUT ROWID;

-- Exports on their way out: encoded when the request ended, written in its transaction, sent later.
CREATE TABLE outbox (
    seq         INTEGER PRIMARY KEY,
    sink        TEXT    NOT NULL,                       -- langfuse, helicone, otlp
    request_id  TEXT    NOT NULL,
    made_us     INTEGER NOT NULL,
    state       TEXT    NOT NULL DEFAULT 'queued'
                CHECK (state IN ('queued', 'inflight', 'unconfirmed', 'dead')),
    tries       INTEGER NOT NULL DEFAULT 0,
    next_try_us INTEGER,
    sealed      INTEGER NOT NULL DEFAULT 0 CHECK (sealed IN (0, 1)),  -- payload is encrypted
    payload     BLOB    NOT NULL,
    detail      TEXT
) STRICT;

CREATE INDEX outbox_next ON outbox (sink, state, seq);

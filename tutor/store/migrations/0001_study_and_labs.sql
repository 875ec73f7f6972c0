-- Free text is a BLOB of UTF-8 that keeps NUL and halves of surrogate pairs; times are UTC in ISO 8601 with microseconds.

CREATE TABLE attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    scenario INTEGER NOT NULL,
    answer BLOB NOT NULL,
    grade TEXT NOT NULL,            -- JSON, the whole grade
    score REAL NOT NULL,            -- copies of what queries need
    honest INTEGER NOT NULL CHECK (honest IN (0, 1)),
    grader_name TEXT NOT NULL,
    grader_version TEXT NOT NULL,
    at TEXT NOT NULL,
    seconds REAL NOT NULL,
    hints INTEGER NOT NULL DEFAULT 0,
    follow_up_to INTEGER REFERENCES attempts (id) ON DELETE CASCADE,
    target TEXT NOT NULL DEFAULT '',
    question BLOB NOT NULL DEFAULT x''
);
CREATE INDEX attempts_by_scenario ON attempts (scenario, id);
CREATE INDEX attempts_by_parent ON attempts (follow_up_to) WHERE follow_up_to IS NOT NULL;

CREATE TABLE drafts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- a draft that is saved again gets a new one: the order of writing
    scenario INTEGER NOT NULL,
    follow_up_to INTEGER REFERENCES attempts (id) ON DELETE CASCADE,
    answer BLOB NOT NULL,
    seconds REAL NOT NULL,
    at TEXT NOT NULL
);
CREATE UNIQUE INDEX drafts_by_question ON drafts (scenario, coalesce(follow_up_to, 0));
CREATE INDEX drafts_by_parent ON drafts (follow_up_to) WHERE follow_up_to IS NOT NULL;

CREATE TABLE overrules (
    attempt INTEGER NOT NULL REFERENCES attempts (id) ON DELETE CASCADE,
    target TEXT NOT NULL,
    held INTEGER NOT NULL CHECK (held IN (0, 1)),
    at TEXT NOT NULL,
    PRIMARY KEY (attempt, target)
);

CREATE TABLE lab_records (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    lab INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('verified', 'gave_up', 'stopped')),
    at TEXT NOT NULL,
    seconds REAL NOT NULL,
    hints INTEGER NOT NULL,
    predictions_right INTEGER NOT NULL,
    predictions_made INTEGER NOT NULL,
    evidence BLOB NOT NULL
);
CREATE INDEX lab_records_by_lab ON lab_records (lab, id);

CREATE TABLE predictions (
    lab_record INTEGER NOT NULL REFERENCES lab_records (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    question TEXT NOT NULL,
    predicted TEXT NOT NULL,        -- JSON: number, text or list
    observed TEXT NOT NULL,
    held INTEGER NOT NULL CHECK (held IN (0, 1)),
    PRIMARY KEY (lab_record, position)
);

CREATE TABLE skips (
    lab INTEGER PRIMARY KEY,
    at TEXT NOT NULL
);

CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value BLOB NOT NULL
);

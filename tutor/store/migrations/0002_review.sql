-- What is repeated: a rubric point that was missed, a misconception that was held. Its schedule is FSRS's.

CREATE TABLE cards (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    scenario INTEGER NOT NULL,
    target TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('point', 'misconception')),
    created TEXT NOT NULL,
    attempt INTEGER REFERENCES attempts (id) ON DELETE SET NULL,
    due TEXT NOT NULL,
    state INTEGER NOT NULL DEFAULT 1 CHECK (state IN (1, 2, 3)),
    step INTEGER DEFAULT 0,
    stability REAL,
    difficulty REAL,
    last_review TEXT,
    answered INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    suspended INTEGER NOT NULL DEFAULT 0 CHECK (suspended IN (0, 1)),
    UNIQUE (scenario, target)
);
CREATE INDEX cards_by_due ON cards (suspended, answered = 0, due);  -- the due list reads exactly its own rows
CREATE INDEX cards_by_attempt ON cards (attempt) WHERE attempt IS NOT NULL;

CREATE TABLE reviews (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    card INTEGER NOT NULL REFERENCES cards (id) ON DELETE CASCADE,
    at TEXT NOT NULL,
    day TEXT NOT NULL,              -- the learner's own day: a journey to another zone does not move history
    rating INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 4),
    derived INTEGER NOT NULL CHECK (derived BETWEEN 1 AND 4),
    seconds REAL,                   -- NULL: not measured
    hints INTEGER NOT NULL,
    answer BLOB NOT NULL,
    verdict TEXT NOT NULL,          -- JSON: the grade of this one point or misconception
    state INTEGER NOT NULL,         -- a copy out of `before`: recall is counted where it is 2
    before TEXT NOT NULL            -- JSON: the card's schedule before, for undo
);
CREATE INDEX reviews_by_card ON reviews (card, id);
CREATE INDEX reviews_by_day ON reviews (day, state, rating, card);  -- progress and the daily limit read only this

CREATE TRIGGER reviews_stay BEFORE UPDATE ON reviews
BEGIN
    SELECT RAISE(ABORT, 'reviews are only ever added');
END;

CREATE TABLE undone (
    review INTEGER PRIMARY KEY REFERENCES reviews (id) ON DELETE CASCADE,
    at TEXT NOT NULL
);

CREATE TABLE review_drafts (
    card INTEGER PRIMARY KEY REFERENCES cards (id) ON DELETE CASCADE,
    answer BLOB NOT NULL,
    seconds REAL NOT NULL,
    hints INTEGER NOT NULL,
    at TEXT NOT NULL
);

-- Answers from before there were cards: the last honest one of each scenario, what the learner overruled left out.
INSERT INTO cards (scenario, target, kind, created, attempt, due)
SELECT a.scenario, json_extract(p.value, '$.id'), 'point', a.at, a.id, a.at
FROM attempts AS a, json_each(a.grade, '$.points') AS p
WHERE a.id IN (SELECT max(id) FROM attempts WHERE honest AND follow_up_to IS NULL GROUP BY scenario)
  AND typeof(a.grade) = 'text' AND json_valid(a.grade)
  AND coalesce(
      (SELECT NOT held FROM overrules WHERE attempt = a.id AND target = json_extract(p.value, '$.id')),
      json_extract(p.value, '$.status') <> 'covered'
  )
UNION ALL
SELECT a.scenario, json_extract(m.value, '$.id'), 'misconception', a.at, a.id, a.at
FROM attempts AS a, json_each(a.grade, '$.misconceptions') AS m
WHERE a.id IN (SELECT max(id) FROM attempts WHERE honest AND follow_up_to IS NULL GROUP BY scenario)
  AND typeof(a.grade) = 'text' AND json_valid(a.grade)
  AND coalesce(
      (SELECT held FROM overrules WHERE attempt = a.id AND target = json_extract(m.value, '$.id')),
      json_extract(m.value, '$.certain')
  );

-- Mock interviews: what was planned, and what happened, line by line. Only drafts are ever replaced.

CREATE TABLE mocks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    level TEXT NOT NULL CHECK (level IN ('junior', 'mid', 'senior', 'staff')),
    minutes INTEGER NOT NULL CHECK (minutes BETWEEN 1 AND 1440),
    started TEXT NOT NULL
);

CREATE TABLE mock_questions (
    mock INTEGER NOT NULL REFERENCES mocks (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    scenario INTEGER NOT NULL,
    minutes REAL NOT NULL,
    reasons TEXT NOT NULL,          -- JSON: a list of sentences
    PRIMARY KEY (mock, position)
);
CREATE INDEX mock_questions_by_scenario ON mock_questions (scenario);

CREATE TABLE mock_answers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    mock INTEGER NOT NULL,
    position INTEGER NOT NULL,
    turn INTEGER NOT NULL,          -- 0: the question itself; 1, 2, 3: its follow-ups
    redo INTEGER NOT NULL CHECK (redo IN (0, 1)),
    target TEXT NOT NULL,
    question BLOB NOT NULL,
    answer BLOB NOT NULL,
    grade TEXT NOT NULL,            -- JSON: of all that was said to the question so far
    score REAL NOT NULL,            -- a copy out of it
    at TEXT NOT NULL,
    seconds REAL NOT NULL,
    UNIQUE (mock, position, redo, turn),
    FOREIGN KEY (mock, position) REFERENCES mock_questions (mock, position) ON DELETE CASCADE
);

CREATE TABLE mock_assessments (
    mock INTEGER NOT NULL,
    position INTEGER NOT NULL,
    score INTEGER NOT NULL CHECK (score BETWEEN 0 AND 10),
    at TEXT NOT NULL,
    PRIMARY KEY (mock, position),
    FOREIGN KEY (mock, position) REFERENCES mock_questions (mock, position) ON DELETE CASCADE
);

CREATE TABLE mock_marks (
    mock INTEGER NOT NULL REFERENCES mocks (id) ON DELETE CASCADE,
    mark TEXT NOT NULL CHECK (mark IN ('closed', 'debriefed', 'abandoned')),
    at TEXT NOT NULL,
    PRIMARY KEY (mock, mark)
);

CREATE TABLE mock_drafts (
    mock INTEGER NOT NULL,
    position INTEGER NOT NULL,
    turn INTEGER NOT NULL,
    redo INTEGER NOT NULL CHECK (redo IN (0, 1)),
    answer BLOB NOT NULL,
    seconds REAL NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (mock, position, turn, redo),
    FOREIGN KEY (mock, position) REFERENCES mock_questions (mock, position) ON DELETE CASCADE
);

CREATE TRIGGER mocks_stay BEFORE UPDATE ON mocks
BEGIN
    SELECT RAISE(ABORT, 'a mock interview is only ever added to');
END;

CREATE TRIGGER mock_answers_stay BEFORE UPDATE ON mock_answers
BEGIN
    SELECT RAISE(ABORT, 'a mock interview is only ever added to');
END;

CREATE TRIGGER mock_assessments_stay BEFORE UPDATE ON mock_assessments
BEGIN
    SELECT RAISE(ABORT, 'a mock interview is only ever added to');
END;

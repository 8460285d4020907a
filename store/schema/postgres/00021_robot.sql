-- +goose Up
-- What the robot has thought of, by the entry that it was an answer to, and what became of it.
CREATE TABLE thoughts (
	conversation BIGINT NOT NULL REFERENCES conversations (id),
	seq          BIGINT NOT NULL,
	kind         TEXT NOT NULL CHECK (kind IN ('said', 'offered', 'unsure', 'drafted', 'failed')),
	question     TEXT NOT NULL,
	sources      TEXT NOT NULL, -- JSON, or '' for none
	confidence   DOUBLE PRECISION NOT NULL,
	why          TEXT NOT NULL,
	tokens       BIGINT NOT NULL,
	at           BIGINT NOT NULL,
	PRIMARY KEY (conversation, seq)
);
CREATE INDEX thoughts_at ON thoughts (at);

-- What the team knows, for the robot to answer from: an article in one of its languages.
CREATE TABLE articles (
	id         TEXT NOT NULL, -- of the article in all its languages
	language   TEXT NOT NULL, -- BCP 47; '' unknown
	title      TEXT NOT NULL,
	questions  TEXT NOT NULL, -- JSON, or '' for none: other ways to ask for it
	body       TEXT NOT NULL, -- JSON
	url        TEXT NOT NULL,
	changed_by BIGINT NOT NULL,
	changed_at BIGINT NOT NULL,
	revision   BIGINT NOT NULL,
	PRIMARY KEY (id, language)
);

-- +goose Down
DROP TABLE articles;
DROP TABLE thoughts;

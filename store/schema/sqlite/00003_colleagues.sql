-- +goose Up
-- Entries may be reactions. SQLite cannot change a check: the table is written anew.
CREATE TABLE entries_new (
	conversation BIGINT NOT NULL REFERENCES conversations (id),
	seq          BIGINT NOT NULL CHECK (seq > 0),
	kind         TEXT NOT NULL CHECK (kind IN ('said', 'edited', 'deleted', 'noted', 'state', 'rated', 'reacted', 'unreacted')),
	audience     TEXT NOT NULL CHECK (audience <> ''),
	by_kind      TEXT NOT NULL CHECK (by_kind IN ('visitor', 'agent', 'robot', 'system')),
	by_id        BIGINT NOT NULL,
	by_name      TEXT NOT NULL,
	by_avatar    TEXT NOT NULL,
	endpoint     TEXT NOT NULL, -- where it came from; '': ourselves
	key          TEXT NOT NULL,
	message      TEXT NOT NULL,
	target       BIGINT NOT NULL,
	body         TEXT NOT NULL, -- JSON, or '' for none
	files        TEXT NOT NULL, -- JSON, or '' for none
	state        TEXT NOT NULL,
	at           BIGINT NOT NULL,
	not_before   BIGINT NOT NULL, -- visitors get it no earlier than this; 0: at once
	PRIMARY KEY (conversation, seq)
);
INSERT INTO entries_new SELECT conversation, seq, kind, audience, by_kind, by_id, by_name, by_avatar, endpoint, key, message,
	target, body, files, state, at, not_before FROM entries;
DROP TABLE entries;
ALTER TABLE entries_new RENAME TO entries;
CREATE UNIQUE INDEX entries_key ON entries (endpoint, key) WHERE endpoint <> '';
CREATE INDEX entries_message ON entries (endpoint, message) WHERE message <> '';
CREATE INDEX entries_version ON entries (conversation, target, seq) WHERE kind IN ('edited', 'deleted');

-- Who has which emoji under which entry at present.
CREATE TABLE reactions (
	conversation BIGINT NOT NULL,
	target       BIGINT NOT NULL,
	emoji        TEXT NOT NULL,
	endpoint     TEXT NOT NULL,
	person       TEXT NOT NULL,
	PRIMARY KEY (conversation, target, emoji, endpoint, person),
	FOREIGN KEY (conversation, target) REFERENCES entries (conversation, seq)
);

-- When a shared channel became a lane's thread: what was said there earlier is no part of the conversation. 0: always.
ALTER TABLE lanes ADD COLUMN since BIGINT NOT NULL DEFAULT 0;

CREATE INDEX conversations_colleagues ON conversations (id) WHERE kind = 'colleagues';

-- +goose Down
DROP INDEX conversations_colleagues;
ALTER TABLE lanes DROP COLUMN since;
DROP TABLE reactions;

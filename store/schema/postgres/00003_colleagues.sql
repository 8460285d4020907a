-- +goose Up
ALTER TABLE entries DROP CONSTRAINT entries_kind_check;
ALTER TABLE entries ADD CONSTRAINT entries_kind_check
	CHECK (kind IN ('said', 'edited', 'deleted', 'noted', 'state', 'rated', 'reacted', 'unreacted'));

-- Who has which emoji under which entry at present.
CREATE TABLE reactions (
	conversation BIGINT NOT NULL,
	target       BIGINT NOT NULL,
	emoji        TEXT COLLATE "C" NOT NULL,
	endpoint     TEXT COLLATE "C" NOT NULL,
	person       TEXT COLLATE "C" NOT NULL,
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

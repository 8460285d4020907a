-- +goose Up
-- Times are UTC Unix milliseconds. Texts named endpoint, key, thread, message, person are identities made elsewhere and
-- are compared byte by byte.

CREATE TABLE visitors (
	id       INTEGER PRIMARY KEY,
	endpoint TEXT NOT NULL,
	key      TEXT NOT NULL,
	verified BOOLEAN NOT NULL,
	profile  TEXT NOT NULL, -- JSON
	page     TEXT NOT NULL, -- JSON
	locale   TEXT NOT NULL,
	seen_at  BIGINT NOT NULL,
	UNIQUE (endpoint, key)
);

CREATE TABLE agents (
	id     INTEGER PRIMARY KEY,
	name   TEXT NOT NULL,
	avatar TEXT NOT NULL
);

CREATE TABLE identities (
	endpoint TEXT NOT NULL,
	person   TEXT NOT NULL,
	agent    BIGINT NOT NULL REFERENCES agents (id),
	PRIMARY KEY (endpoint, person)
);
CREATE INDEX identities_agent ON identities (agent);

-- owner is not a foreign key: an agent is never deleted, and a check on every change of state would be paid for nothing.
CREATE TABLE conversations (
	id         INTEGER PRIMARY KEY,
	kind       TEXT NOT NULL CHECK (kind IN ('guest', 'colleagues')),
	state      TEXT NOT NULL CHECK (state IN ('', 'robot', 'unassigned', 'assigned', 'closed')),
	endpoint   TEXT NOT NULL,
	visitor    BIGINT REFERENCES visitors (id), -- NULL for colleagues
	owner      BIGINT NOT NULL, -- 0: nobody
	last_seq   BIGINT NOT NULL,
	opened_at  BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	joined     BIGINT NOT NULL, -- the conversation in which the visitor goes on instead; 0: none
	lanes_changed BIGINT NOT NULL -- counts how often its lanes have become others
);
CREATE INDEX conversations_visitor ON conversations (visitor);

CREATE TABLE entries (
	conversation BIGINT NOT NULL REFERENCES conversations (id),
	seq          BIGINT NOT NULL CHECK (seq > 0),
	kind         TEXT NOT NULL CHECK (kind IN ('said', 'edited', 'deleted', 'noted', 'state', 'rated')),
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
CREATE UNIQUE INDEX entries_key ON entries (endpoint, key) WHERE endpoint <> '';
CREATE INDEX entries_message ON entries (endpoint, message) WHERE message <> '';
CREATE INDEX entries_version ON entries (conversation, target, seq) WHERE kind IN ('edited', 'deleted');

-- cursor and head move with every entry.
CREATE TABLE lanes (
	id           INTEGER PRIMARY KEY,
	conversation BIGINT NOT NULL REFERENCES conversations (id),
	endpoint     TEXT NOT NULL,
	role         TEXT NOT NULL CHECK (role IN ('visitor', 'team', 'robot')),
	reads        BOOLEAN NOT NULL,
	thread       TEXT NOT NULL, -- '': not opened yet
	reopened     BIGINT NOT NULL,
	cursor       BIGINT NOT NULL,
	head         BIGINT NOT NULL,
	part         BIGINT NOT NULL,
	intent       TEXT NOT NULL,
	intent_at    BIGINT NOT NULL,
	attempt      BIGINT NOT NULL,
	next_at      BIGINT NOT NULL,
	epoch        BIGINT NOT NULL,
	lease_until  BIGINT NOT NULL,
	UNIQUE (conversation, endpoint)
);
CREATE UNIQUE INDEX lanes_thread ON lanes (endpoint, thread) WHERE thread <> '';
CREATE INDEX lanes_due ON lanes (next_at) WHERE cursor < head;
-- Not thread = '': SQLite would compare that with the value bound to every other look-up by thread, and plan it anew.
CREATE INDEX lanes_opening ON lanes (endpoint) WHERE length(thread) = 0 AND intent <> '';

CREATE TABLE receipts (
	conversation BIGINT NOT NULL,
	endpoint     TEXT NOT NULL,
	seq          BIGINT NOT NULL, -- 0: the opening part
	part         BIGINT NOT NULL,
	version      BIGINT NOT NULL,
	message      TEXT NOT NULL,
	status       TEXT NOT NULL CHECK (status IN ('sent', 'failed')),
	public       TEXT NOT NULL,
	at           BIGINT NOT NULL,
	PRIMARY KEY (conversation, endpoint, seq, part),
	FOREIGN KEY (conversation, endpoint) REFERENCES lanes (conversation, endpoint)
);
CREATE INDEX receipts_message ON receipts (endpoint, message) WHERE message <> '';

-- What all instances have to know of an endpoint: who receives for it, and until when it is not to be sent to.
CREATE TABLE endpoints (
	name         TEXT PRIMARY KEY,
	owner        TEXT NOT NULL,
	lease_until  BIGINT NOT NULL,
	paused_until BIGINT NOT NULL
);

CREATE TABLE files (
	id              TEXT PRIMARY KEY,
	name            TEXT NOT NULL,
	type            TEXT NOT NULL,
	size            BIGINT NOT NULL,
	width           BIGINT NOT NULL,
	height          BIGINT NOT NULL,
	source_endpoint TEXT NOT NULL,
	source_ref      TEXT NOT NULL,
	endpoint        TEXT NOT NULL,
	uploader        TEXT NOT NULL,
	conversation    BIGINT NOT NULL, -- 0 until an entry carries it
	here            BOOLEAN NOT NULL,
	saved_at        BIGINT NOT NULL
);
CREATE INDEX files_conversation ON files (conversation) WHERE conversation <> 0;
CREATE INDEX files_elsewhere ON files (saved_at) WHERE NOT here;

-- A visitor's one-time way from where they are to another endpoint. Of its token only a hash is kept.
CREATE TABLE links (
	hash       TEXT PRIMARY KEY,
	endpoint   TEXT NOT NULL, -- where the visitor is
	thread     TEXT NOT NULL,
	person     TEXT NOT NULL,
	target     TEXT NOT NULL, -- the endpoint it leads to
	expires_at BIGINT NOT NULL
);
CREATE INDEX links_expire ON links (expires_at);

CREATE TABLE secrets (
	name  TEXT PRIMARY KEY,
	value BLOB NOT NULL
);

-- +goose Down
DROP TABLE secrets;
DROP TABLE links;
DROP TABLE files;
DROP TABLE endpoints;
DROP TABLE receipts;
DROP TABLE lanes;
DROP TABLE entries;
DROP TABLE conversations;
DROP TABLE identities;
DROP TABLE agents;
DROP TABLE visitors;

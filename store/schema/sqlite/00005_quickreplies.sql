-- +goose Up
-- What the team keeps ready to say. shortcut_key is the shortcut as it is compared: its words in lower case without accents.
CREATE TABLE quick_replies (
	id           INTEGER PRIMARY KEY,
	owner        BIGINT NOT NULL, -- the agent whose own it is; 0: the team's
	shortcut     TEXT NOT NULL,
	shortcut_key TEXT NOT NULL,
	title        TEXT NOT NULL,
	body         TEXT NOT NULL, -- JSON
	language     TEXT NOT NULL, -- of body
	variants     TEXT NOT NULL, -- JSON, or '' for none
	files        TEXT NOT NULL, -- JSON, or '' for none
	tags         TEXT NOT NULL, -- JSON, or '' for none
	uses         BIGINT NOT NULL,
	last_used    BIGINT NOT NULL, -- 0: never
	UNIQUE (owner, shortcut_key)
);
CREATE INDEX quick_replies_used ON quick_replies (last_used);

-- One row: counts changes, so that every instance sees with one look whether it has to read them again. Uses do not count.
CREATE TABLE quick_reply_changes (version BIGINT NOT NULL);
INSERT INTO quick_reply_changes (version) VALUES (1);

-- Agents for whom a shortcut sends at once, without a preview.
CREATE TABLE quick_at_once (agent BIGINT PRIMARY KEY REFERENCES agents (id));

-- +goose Down
DROP TABLE quick_at_once;
DROP TABLE quick_reply_changes;
DROP TABLE quick_replies;

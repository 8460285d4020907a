-- +goose Up
-- What was set in the workbench, each time that something was: the last row of a key holds. value is JSON, or '' for the
-- default again.
CREATE TABLE settings (
	revision BIGINT PRIMARY KEY,
	key      TEXT NOT NULL,
	value    TEXT NOT NULL,
	agent    BIGINT NOT NULL,
	at       BIGINT NOT NULL
);
CREATE UNIQUE INDEX settings_key ON settings (key, revision);
-- One row: the last revision, so that every instance sees with one look whether something was set, and one is set at a time.
CREATE TABLE settings_revision (revision BIGINT NOT NULL);
INSERT INTO settings_revision (revision) VALUES (0);

-- When what was said was erased, and what was known of whom; 0: it is there.
ALTER TABLE conversations ADD COLUMN erased_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE visitors ADD COLUMN erased_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX conversations_erasable ON conversations (updated_at) WHERE kind = 'guest' AND state = 'closed' AND erased_at = 0;
-- One row: when it is looked again for what is to be erased, and up to which visitor it was looked for those without a
-- conversation.
CREATE TABLE erasing (
	next_at BIGINT NOT NULL,
	visitor BIGINT NOT NULL
);
INSERT INTO erasing (next_at, visitor) VALUES (0, 0);

-- Lines that were made of quick replies and have not been edited yet, and how often such a line was.
CREATE TABLE quick_lines (
	conversation BIGINT NOT NULL,
	seq          BIGINT NOT NULL,
	reply        BIGINT NOT NULL,
	PRIMARY KEY (conversation, seq, reply)
);
ALTER TABLE quick_replies ADD COLUMN edits BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE quick_replies DROP COLUMN edits;
DROP TABLE quick_lines;
DROP TABLE erasing;
DROP INDEX conversations_erasable;
ALTER TABLE visitors DROP COLUMN erased_at;
ALTER TABLE conversations DROP COLUMN erased_at;
DROP TABLE settings_revision;
DROP TABLE settings;

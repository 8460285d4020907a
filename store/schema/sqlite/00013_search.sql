-- +goose Up
-- What was used is listed, the latest first.
CREATE INDEX conversations_updated ON conversations (updated_at);
CREATE INDEX visitors_language ON visitors (substr(replace(lower(locale) || '-', '-', '   '), 1, 3)) WHERE locale <> '';

-- The tags of conversations once more, to find them by.
CREATE TABLE conversation_tags (
	tag          TEXT NOT NULL,
	conversation BIGINT NOT NULL REFERENCES conversations (id),
	PRIMARY KEY (tag, conversation)
) WITHOUT ROWID;
CREATE INDEX conversation_tags_conversation ON conversation_tags (conversation);
INSERT INTO conversation_tags (tag, conversation)
	SELECT DISTINCT t.value, c.id FROM conversations c, json_each(c.tags) t WHERE c.tags <> '';

-- The words of conversations, as they are looked for: a document for each hundred entries of one. Documents are numbered so
-- that what was used later has the higher number.
CREATE TABLE documents (
	no           INTEGER PRIMARY KEY,
	conversation BIGINT NOT NULL REFERENCES conversations (id),
	part         BIGINT NOT NULL,
	UNIQUE (conversation, part)
);
-- The words are divided before they come here, by spaces.
CREATE VIRTUAL TABLE document_words USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');

-- How far each conversation has been read into its documents, and as which it was: a conversation is to be read again when it
-- has changed since.
CREATE TABLE digests (
	conversation BIGINT PRIMARY KEY REFERENCES conversations (id),
	seq          BIGINT NOT NULL,
	updated_at   BIGINT NOT NULL,
	about        BIGINT NOT NULL -- a hash of what is known of the visitor, and of the tags
);
-- What is to be read again though its conversation has not changed: its visitor has.
CREATE TABLE undigested (
	conversation BIGINT PRIMARY KEY REFERENCES conversations (id),
	changes      BIGINT NOT NULL -- counts them
);
-- One row: all conversations that were changed before have been read.
CREATE TABLE digested (until BIGINT NOT NULL);
INSERT INTO digested (until) VALUES (0);

-- +goose Down
DROP TABLE digested;
DROP TABLE undigested;
DROP TABLE digests;
DROP TABLE document_words;
DROP TABLE documents;
DROP TABLE conversation_tags;
DROP INDEX visitors_language;
DROP INDEX conversations_updated;

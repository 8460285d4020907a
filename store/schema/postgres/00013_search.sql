-- +goose Up
CREATE INDEX visitors_language ON visitors (substr(replace(lower(locale) || '-', '-', '   '), 1, 3)) WHERE locale <> '';

-- The tags of conversations once more, to find them by.
CREATE TABLE conversation_tags (
	tag          TEXT COLLATE "C" NOT NULL,
	conversation BIGINT NOT NULL REFERENCES conversations (id),
	PRIMARY KEY (tag, conversation)
);
CREATE INDEX conversation_tags_conversation ON conversation_tags (conversation);
INSERT INTO conversation_tags (tag, conversation)
	SELECT DISTINCT t.value, c.id FROM conversations c, jsonb_array_elements_text(cast(c.tags AS JSONB)) t WHERE c.tags <> '';

-- The words of conversations, as they are looked for: a document for each hundred entries of one. Documents are numbered so
-- that what was used later has the higher number. Their words are kept beside the rows, so that many rows are read at once.
CREATE TABLE documents (
	no           BIGINT PRIMARY KEY,
	conversation BIGINT NOT NULL REFERENCES conversations (id),
	part         BIGINT NOT NULL,
	words        TSVECTOR NOT NULL,
	UNIQUE (conversation, part)
) WITH (toast_tuple_target = 128);
ALTER TABLE documents ALTER COLUMN words SET STORAGE EXTERNAL;
CREATE INDEX documents_words ON documents USING gin (words) WITH (fastupdate = off);

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
DROP TABLE documents;
DROP TABLE conversation_tags;
DROP INDEX visitors_language;

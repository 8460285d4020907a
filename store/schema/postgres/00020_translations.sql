-- +goose Up
ALTER TABLE conversations ADD COLUMN language TEXT NOT NULL DEFAULT ''; -- the visitor's, BCP 47; '': not known
ALTER TABLE conversations ADD COLUMN language_sure BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE conversations ADD COLUMN heard TEXT NOT NULL DEFAULT ''; -- JSON: what the guess is made of
ALTER TABLE conversations ADD COLUMN auto BOOLEAN NOT NULL DEFAULT FALSE; -- what is said is translated
ALTER TABLE conversations ADD COLUMN listening BOOLEAN NOT NULL DEFAULT FALSE; -- each line of the visitor is looked at

-- What an entry says to those who read it at an endpoint.
CREATE TABLE translations (
	conversation  BIGINT NOT NULL REFERENCES conversations (id),
	seq           BIGINT NOT NULL,
	endpoint      TEXT NOT NULL,
	from_language TEXT NOT NULL,
	to_language   TEXT NOT NULL CHECK (to_language <> ''),
	status        TEXT NOT NULL CHECK (status IN ('wanted', 'done', 'failed')),
	body          TEXT NOT NULL DEFAULT '', -- JSON; '' unless done
	goes_at       BIGINT NOT NULL DEFAULT 0, -- the entry goes out no earlier, whenever this is done
	due_at        BIGINT NOT NULL,
	attempt       BIGINT NOT NULL DEFAULT 0,
	epoch         BIGINT NOT NULL DEFAULT 0, -- raised by every claim; every later write names it
	lease_until   BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (conversation, seq, endpoint)
);
CREATE INDEX translations_due ON translations (due_at) WHERE status = 'wanted';

-- +goose Down
DROP TABLE translations;
ALTER TABLE conversations DROP COLUMN listening;
ALTER TABLE conversations DROP COLUMN auto;
ALTER TABLE conversations DROP COLUMN heard;
ALTER TABLE conversations DROP COLUMN language_sure;
ALTER TABLE conversations DROP COLUMN language;

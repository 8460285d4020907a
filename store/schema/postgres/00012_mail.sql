-- +goose Up
-- Mail to visitors who left before an agent answered: one row for each conversation that has ever waited for one.
CREATE TABLE mails (
	conversation BIGINT PRIMARY KEY REFERENCES conversations (id),
	due_at       BIGINT NOT NULL,           -- when it is looked into; 0: nothing waits
	asked_at     BIGINT NOT NULL DEFAULT 0, -- since when instances may object that the visitor is there; 0: not asked
	mailed       BIGINT NOT NULL DEFAULT 0, -- up to which entry that is done
	intent       BIGINT NOT NULL DEFAULT 0, -- up to which entry a mail is being sent; a crash leaves it behind
	attempt      BIGINT NOT NULL DEFAULT 0,
	epoch        BIGINT NOT NULL DEFAULT 0, -- raised by every claim; every later write names it
	lease_until  BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX mails_due ON mails (due_at) WHERE due_at > 0;
-- Agents' lines that stood in a mail.
CREATE TABLE mailed (
	conversation BIGINT NOT NULL REFERENCES conversations (id),
	seq          BIGINT NOT NULL,
	at           BIGINT NOT NULL,
	PRIMARY KEY (conversation, seq)
);

-- +goose Down
DROP TABLE mailed;
DROP TABLE mails;

-- +goose Up
-- The visitor has been waiting for an answer since then; 0: is not.
ALTER TABLE conversations ADD COLUMN waiting_since BIGINT NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN tags TEXT NOT NULL DEFAULT ''; -- JSON, or '' for none
-- What is open is listed and counted by its state, the longest waiting first; of what is closed, the latest first.
CREATE INDEX conversations_open ON conversations (state, waiting_since) WHERE state <> 'closed';
CREATE INDEX conversations_closed ON conversations (updated_at) WHERE state = 'closed';

-- The thread's card is to be changed from then on; 0: it shows the truth.
ALTER TABLE lanes ADD COLUMN card_due BIGINT NOT NULL DEFAULT 0;
CREATE INDEX lanes_card ON lanes (endpoint, card_due) WHERE card_due <> 0;
CREATE INDEX receipts_failed ON receipts (conversation, at) WHERE status = 'failed';

-- device: what they write with. edited: what agents have set of the profile, JSON, or '' for nothing.
ALTER TABLE visitors ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE visitors ADD COLUMN edited TEXT NOT NULL DEFAULT '';
ALTER TABLE visitors ADD COLUMN blocked BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE visitors ADD COLUMN kept_out BIGINT NOT NULL DEFAULT 0; -- lines since they were blocked

-- +goose Down
ALTER TABLE visitors DROP COLUMN kept_out;
ALTER TABLE visitors DROP COLUMN blocked;
ALTER TABLE visitors DROP COLUMN edited;
ALTER TABLE visitors DROP COLUMN device;
DROP INDEX receipts_failed;
DROP INDEX lanes_card;
ALTER TABLE lanes DROP COLUMN card_due;
DROP INDEX conversations_closed;
DROP INDEX conversations_open;
ALTER TABLE conversations DROP COLUMN tags;
ALTER TABLE conversations DROP COLUMN waiting_since;

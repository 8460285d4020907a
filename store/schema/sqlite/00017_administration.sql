-- +goose Up
-- Who has invited, and when.
ALTER TABLE invitations ADD COLUMN made_by BIGINT NOT NULL DEFAULT 0; -- 0: somebody at the command line
ALTER TABLE invitations ADD COLUMN made_at BIGINT NOT NULL DEFAULT 0;

-- What did not arrive, and the notices that ask what is to become of it.
CREATE INDEX receipts_refused ON receipts (at, conversation, endpoint, seq, part) WHERE status = 'failed';
CREATE INDEX entries_asking ON entries (conversation, target) WHERE kind = 'noted' AND by_kind = 'system' AND offers <> '';

-- +goose Down
DROP INDEX entries_asking;
DROP INDEX receipts_refused;
ALTER TABLE invitations DROP COLUMN made_at;
ALTER TABLE invitations DROP COLUMN made_by;

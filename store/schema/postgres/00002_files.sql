-- +goose Up
ALTER TABLE files ADD COLUMN missing TEXT NOT NULL DEFAULT ''; -- why there are no bytes, for good
ALTER TABLE files ADD COLUMN carrier BIGINT NOT NULL DEFAULT 0; -- seq of what was said with it
ALTER TABLE files ADD COLUMN withdrawn_at BIGINT NOT NULL DEFAULT 0; -- 0: an entry carries it, or may yet
-- conversation is -1 for an upload that is being removed.
CREATE INDEX files_unsent ON files (saved_at) WHERE conversation <= 0;
CREATE INDEX files_withdrawn ON files (withdrawn_at) WHERE withdrawn_at <> 0 AND here;

-- +goose Down
DROP INDEX files_withdrawn;
DROP INDEX files_unsent;
ALTER TABLE files DROP COLUMN withdrawn_at;
ALTER TABLE files DROP COLUMN carrier;
ALTER TABLE files DROP COLUMN missing;

-- +goose Up
-- What the visitor gave last, from 1 to 5; 0: nothing yet, -1: they were asked.
ALTER TABLE conversations ADD COLUMN rating BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE conversations DROP COLUMN rating;

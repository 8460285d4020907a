-- +goose Up
-- What an entry offers to be pressed: JSON, or '' for nothing.
ALTER TABLE entries ADD COLUMN offers TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE entries DROP COLUMN offers;

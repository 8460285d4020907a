-- +goose Up
-- About where the visitor's network is. '': not known.
ALTER TABLE visitors ADD COLUMN place TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE visitors DROP COLUMN place;

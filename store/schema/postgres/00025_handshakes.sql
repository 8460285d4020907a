-- +goose Up
-- Browsers that have gone to a platform to say who they are. Of their tokens only hashes are kept.
CREATE TABLE handshakes (
	hash       TEXT PRIMARY KEY,
	endpoint   TEXT NOT NULL,
	path       TEXT NOT NULL, -- where in the workbench it leads
	expires_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE handshakes;

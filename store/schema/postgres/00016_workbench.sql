-- +goose Up
-- One-time ways into the workbench, and who is signed in there. Of their tokens only hashes are kept.
CREATE TABLE sign_ins (
	hash       TEXT COLLATE "C" PRIMARY KEY,
	agent      BIGINT NOT NULL,
	path       TEXT NOT NULL, -- where in the workbench it leads
	expires_at BIGINT NOT NULL
);

CREATE TABLE web_sessions (
	hash       TEXT COLLATE "C" PRIMARY KEY,
	agent      BIGINT NOT NULL,
	began_at   BIGINT NOT NULL,
	expires_at BIGINT NOT NULL
);
CREATE INDEX web_sessions_agent ON web_sessions (agent);

-- +goose Down
DROP TABLE web_sessions;
DROP TABLE sign_ins;

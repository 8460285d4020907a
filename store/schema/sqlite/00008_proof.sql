-- +goose Up
-- What became of an agent's line where readers fetch it themselves.
CREATE TABLE fetched (
	conversation BIGINT NOT NULL,
	endpoint     TEXT NOT NULL,
	seq          BIGINT NOT NULL,
	at           BIGINT NOT NULL,
	seen_at      BIGINT NOT NULL, -- 0: not yet
	PRIMARY KEY (conversation, endpoint, seq),
	FOREIGN KEY (conversation, endpoint) REFERENCES lanes (conversation, endpoint)
);
-- Marks of delivery that stand, perhaps, under agents' lines.
CREATE TABLE marks (
	conversation BIGINT NOT NULL REFERENCES conversations (id),
	endpoint     TEXT NOT NULL,
	message      TEXT NOT NULL,
	sign         TEXT NOT NULL,
	put          BOOLEAN NOT NULL, -- it certainly stands
	PRIMARY KEY (conversation, endpoint, message, sign)
);
CREATE INDEX marks_passing ON marks (endpoint, conversation) WHERE sign = 'queued' OR NOT put;

-- +goose Down
DROP TABLE marks;
DROP TABLE fetched;

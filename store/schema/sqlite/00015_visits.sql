-- +goose Up
-- The last pages on which each visitor was.
CREATE TABLE visits (
	id       INTEGER PRIMARY KEY,
	visitor  BIGINT NOT NULL REFERENCES visitors (id),
	at       BIGINT NOT NULL,
	url      TEXT NOT NULL,
	title    TEXT NOT NULL,
	referrer TEXT NOT NULL
);
CREATE INDEX visits_visitor ON visits (visitor, at);
-- The network that the visitor writes from: an address with its end left out. '': not known.
ALTER TABLE visitors ADD COLUMN network TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE visitors DROP COLUMN network;
DROP TABLE visits;

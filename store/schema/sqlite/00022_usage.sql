-- +goose Up
-- How many characters were translated in each month, such as 2026-11.
CREATE TABLE translated (
	month      TEXT PRIMARY KEY,
	characters BIGINT NOT NULL
);

-- +goose Down
DROP TABLE translated;

-- +goose Up
-- What reports show, counted as it happens, by the day and once more by the month. a0 to a15 are how many first answers took
-- how long, r0 to r15 the same of resolutions; see bridge.SpreadBounds.
CREATE TABLE report_cells (
	dimension TEXT NOT NULL, -- 'all', 'hour', 'agent' or 'language'
	endpoint  TEXT NOT NULL, -- '': all together
	span      TEXT NOT NULL, -- 'day' or 'month'
	day       BIGINT NOT NULL, -- as 20261126; of a month its first
	value     TEXT NOT NULL,
	opened BIGINT NOT NULL, visitor_lines BIGINT NOT NULL, agent_lines BIGINT NOT NULL, robot_lines BIGINT NOT NULL,
	answer_ms BIGINT NOT NULL, resolve_ms BIGINT NOT NULL, rated BIGINT NOT NULL, rating_sum BIGINT NOT NULL,
	a0 BIGINT NOT NULL, a1 BIGINT NOT NULL, a2 BIGINT NOT NULL, a3 BIGINT NOT NULL,
	a4 BIGINT NOT NULL, a5 BIGINT NOT NULL, a6 BIGINT NOT NULL, a7 BIGINT NOT NULL,
	a8 BIGINT NOT NULL, a9 BIGINT NOT NULL, a10 BIGINT NOT NULL, a11 BIGINT NOT NULL,
	a12 BIGINT NOT NULL, a13 BIGINT NOT NULL, a14 BIGINT NOT NULL, a15 BIGINT NOT NULL,
	r0 BIGINT NOT NULL, r1 BIGINT NOT NULL, r2 BIGINT NOT NULL, r3 BIGINT NOT NULL,
	r4 BIGINT NOT NULL, r5 BIGINT NOT NULL, r6 BIGINT NOT NULL, r7 BIGINT NOT NULL,
	r8 BIGINT NOT NULL, r9 BIGINT NOT NULL, r10 BIGINT NOT NULL, r11 BIGINT NOT NULL,
	r12 BIGINT NOT NULL, r13 BIGINT NOT NULL, r14 BIGINT NOT NULL, r15 BIGINT NOT NULL,
	PRIMARY KEY (dimension, endpoint, span, day, value)
) WITHOUT ROWID;

-- What has to be known of a conversation to count what happens next.
CREATE TABLE report_folds (
	conversation BIGINT PRIMARY KEY REFERENCES conversations (id),
	asked_at     BIGINT NOT NULL, -- its first line; 0: none yet
	answered     BOOLEAN NOT NULL,
	since        BIGINT NOT NULL, -- when it began, or was opened again
	closed       BOOLEAN NOT NULL,
	rating       BIGINT NOT NULL, -- counted; 0: none
	rated_at     BIGINT NOT NULL,
	rated_agent  BIGINT NOT NULL
);

-- One row: the time zone by which days are counted.
CREATE TABLE report_zone (name TEXT NOT NULL);
INSERT INTO report_zone (name) VALUES ('');
UPDATE digests SET seq = 0, updated_at = -1;
UPDATE digested SET until = 0;

-- +goose Down
DROP TABLE report_zone;
DROP TABLE report_folds;
DROP TABLE report_cells;

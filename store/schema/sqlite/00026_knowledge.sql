-- +goose Up
-- One row: counts changes of articles, so that every instance sees with one look whether it has to read them again. An
-- article's revision is what it was counted to when it was written.
CREATE TABLE article_changes (version BIGINT NOT NULL);
INSERT INTO article_changes (version) VALUES (0);

-- +goose Down
DROP TABLE article_changes;

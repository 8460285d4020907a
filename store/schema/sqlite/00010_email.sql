-- +goose Up
-- A visitor's e-mail address in lower case: whose it is has to be known before a line that holds it is sent to another.
ALTER TABLE visitors ADD COLUMN email TEXT NOT NULL DEFAULT '';
UPDATE visitors SET email = coalesce(lower(json_extract(profile, '$.email')), '');
CREATE INDEX visitors_email ON visitors (email) WHERE email <> '';

-- +goose Down
DROP INDEX visitors_email;
ALTER TABLE visitors DROP COLUMN email;

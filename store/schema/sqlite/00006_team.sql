-- +goose Up
ALTER TABLE agents ADD COLUMN rank TEXT NOT NULL DEFAULT 'agent' CHECK (rank IN ('agent', 'admin', 'owner'));
ALTER TABLE agents ADD COLUMN public_name TEXT NOT NULL DEFAULT ''; -- chosen; '': name is what visitors read
ALTER TABLE agents ADD COLUMN public_avatar TEXT NOT NULL DEFAULT '';
ALTER TABLE agents ADD COLUMN languages TEXT NOT NULL DEFAULT ''; -- with spaces between
ALTER TABLE agents ADD COLUMN capacity BIGINT NOT NULL DEFAULT 0; -- 0: none set
ALTER TABLE agents ADD COLUMN duty BOOLEAN NOT NULL DEFAULT TRUE; -- as they said
ALTER TABLE agents ADD COLUMN hours TEXT NOT NULL DEFAULT '';
ALTER TABLE agents ADD COLUMN present BOOLEAN NOT NULL DEFAULT TRUE; -- duty and hours, as they were looked at last
ALTER TABLE agents ADD COLUMN leaving BOOLEAN NOT NULL DEFAULT FALSE; -- their conversations are still to be given away
ALTER TABLE agents ADD COLUMN successor BIGINT NOT NULL DEFAULT 0; -- who they turned out to be; 0: nobody else
ALTER TABLE agents ADD COLUMN removed BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE agents ADD COLUMN turn BIGINT NOT NULL DEFAULT 0; -- grows with every conversation that is given to them
UPDATE agents SET rank = 'owner' WHERE id = (SELECT min(id) FROM agents);
CREATE UNIQUE INDEX agents_owner ON agents (rank) WHERE rank = 'owner' AND NOT removed;

-- One-time codes: of a new member, or (agent) of somebody who is one already, on another platform.
CREATE TABLE invitations (
	hash       TEXT PRIMARY KEY,
	rank       TEXT NOT NULL,
	agent      BIGINT NOT NULL, -- 0: a new member
	expires_at BIGINT NOT NULL
);

ALTER TABLE conversations ADD COLUMN closed_at BIGINT NOT NULL DEFAULT 0; -- 0: it is open
UPDATE conversations SET closed_at = updated_at WHERE state = 'closed';
-- For which wait, by when it began, people have been called.
ALTER TABLE conversations ADD COLUMN reminded_for BIGINT NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN escalated_for BIGINT NOT NULL DEFAULT 0;
CREATE INDEX conversations_owner ON conversations (owner) WHERE state = 'assigned';

-- +goose Down
DROP INDEX conversations_owner;
ALTER TABLE conversations DROP COLUMN escalated_for;
ALTER TABLE conversations DROP COLUMN reminded_for;
ALTER TABLE conversations DROP COLUMN closed_at;
DROP TABLE invitations;
DROP INDEX agents_owner;
ALTER TABLE agents DROP COLUMN turn;
ALTER TABLE agents DROP COLUMN removed;
ALTER TABLE agents DROP COLUMN successor;
ALTER TABLE agents DROP COLUMN leaving;
ALTER TABLE agents DROP COLUMN present;
ALTER TABLE agents DROP COLUMN hours;
ALTER TABLE agents DROP COLUMN duty;
ALTER TABLE agents DROP COLUMN capacity;
ALTER TABLE agents DROP COLUMN languages;
ALTER TABLE agents DROP COLUMN public_avatar;
ALTER TABLE agents DROP COLUMN public_name;
ALTER TABLE agents DROP COLUMN rank;

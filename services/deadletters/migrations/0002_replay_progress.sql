-- How far a replay has come: written in the transaction that changes the letters counted here, so that a look at
-- the replay is one row however many letters it has.
-- total = waiting + replaying + delivered + dead_again + skipped + returned, always.
ALTER TABLE replay
  ADD COLUMN waiting    bigint NOT NULL DEFAULT 0,
  ADD COLUMN replaying  bigint NOT NULL DEFAULT 0,
  ADD COLUMN delivered  bigint NOT NULL DEFAULT 0,
  ADD COLUMN dead_again bigint NOT NULL DEFAULT 0,
  ADD COLUMN skipped    bigint NOT NULL DEFAULT 0,
  ADD COLUMN returned   bigint NOT NULL DEFAULT 0,
  ADD COLUMN taken      bigint NOT NULL DEFAULT 0,  -- ever taken, whatever became of them
  ADD COLUMN unsent     bigint NOT NULL DEFAULT 0,  -- taken, and not known to be published
  ADD COLUMN sent       bigint NOT NULL DEFAULT 0,
  ADD COLUMN repaired   bigint NOT NULL DEFAULT 0,
  -- made again from deadletters.event, and not counted yet: nobody works on it
  ADD COLUMN restored   boolean NOT NULL DEFAULT false;

CREATE INDEX replay_at_work ON replay (id) WHERE state = 2 OR unsent > 0;
CREATE INDEX replay_letter_waiting ON replay_letter (replay_id, position) WHERE state = 0;
CREATE INDEX replay_letter_unsent ON replay_letter (replay_id, position) WHERE state = 1 AND NOT sent;

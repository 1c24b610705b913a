-- Members, messages, the keys under which requests were answered, and how deliveries went.
--
-- Nothing here can be read without the service's keys: what tells a person rests in sealed boxes, and
-- look-ups go by keyed hashes. Birth dates are in clear, for age groups.

CREATE TABLE member (
  user_id text COLLATE "C" PRIMARY KEY,  -- ours are UUIDs of version 7; upstream's are its own
  email_hash uuid NOT NULL UNIQUE,       -- of the whole address in lower case
  sealed bytea NOT NULL,                 -- a sealed UserPrivate, the same bytes as in the signed-up event
  birth_date date,
  status text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'INACTIVE')),
  consent_marketing boolean NOT NULL,
  consent_night boolean NOT NULL,
  locale text NOT NULL,
  signed_up_at timestamptz NOT NULL,
  xid xid8                               -- of the transaction that wrote its event; upstream's have none
);
ALTER TABLE member ALTER COLUMN sealed SET STORAGE EXTERNAL;  -- sealed bytes do not compress

-- A message's event has the message's id. Its time stands in the id.
CREATE TABLE message (
  id uuid PRIMARY KEY,                   -- UUID version 7
  notification_id uuid NOT NULL,         -- follows from id and channel, and begins with the same time
  channel smallint NOT NULL,
  caller text NOT NULL,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id()
);

-- One row a key under which a request was answered with 2xx. Rows are forgotten after seven days.
CREATE TABLE idempotency_key (
  key uuid PRIMARY KEY,                  -- keyed hash of (caller, operation, key), cut to 128 bits
  body uuid NOT NULL,                    -- keyed hash of the body
  id uuid NOT NULL,                      -- what the request made
  created_at timestamptz NOT NULL DEFAULT now(),
  answer bytea                           -- sealed, where it does not follow from id and the request
);
CREATE INDEX idempotency_key_age ON idempotency_key USING brin (created_at)
  WITH (pages_per_range = 32, autosummarize = on);

-- How each attempt ended, from delivery.result. The same result again is the same row.
CREATE TABLE delivery_result (
  notification_id uuid NOT NULL,
  generation integer NOT NULL,
  attempt integer NOT NULL,
  round integer NOT NULL,
  time timestamptz NOT NULL,
  channel smallint NOT NULL,
  outcome smallint NOT NULL,
  reason text NOT NULL,
  provider_code text NOT NULL,
  tries integer NOT NULL,
  fallback_id uuid,
  PRIMARY KEY (notification_id, generation, attempt, round)
);

-- Dead letters, what was decided about them, and replays.
--
-- No value of a letter rests here: its bytes stay on the topic, and are read from where they lie when they are
-- shown or sent again. Everything here can be made again from the dead-letter topics and deadletters.event.

-- One row a letter. Partitioned by the id, which begins with its notification's time in milliseconds; ids without
-- time (undecodable records) and those beyond what is made ahead are in letter_rest.
CREATE TABLE letter (
  id              uuid     NOT NULL,
  -- What its record says. died_at is NULL while only a decision about it is known: such a row is no letter yet.
  notification_id uuid,                        -- none: it could not be told
  channel         smallint NOT NULL DEFAULT 0, -- events.v1.Channel; 0: of events.dlq
  reason          text     NOT NULL DEFAULT '',
  provider_code   text     NOT NULL DEFAULT '',
  message         text     NOT NULL DEFAULT '',
  first_failed_at timestamptz,
  died_at         timestamptz,
  attempts        int      NOT NULL DEFAULT 0,
  tries           int      NOT NULL DEFAULT 0,
  generation      int      NOT NULL DEFAULT 0,
  job_id          uuid,
  recipient_hash  uuid,                        -- keyed hash of the normalised recipient, cut to 128 bits
  recipient       text     NOT NULL DEFAULT '',-- masked
  previous        uuid,                        -- undecodable: the letter whose replay died as this one
  topic           text     NOT NULL DEFAULT '',
  partition       int      NOT NULL DEFAULT 0,
  "offset"        bigint   NOT NULL DEFAULT 0,
  size            int      NOT NULL DEFAULT 0, -- of the value, in bytes
  origin_topic    text     NOT NULL DEFAULT '',-- where it was read last before it died
  origin_partition int     NOT NULL DEFAULT 0,
  origin_offset   bigint   NOT NULL DEFAULT 0,
  origin_group    text     NOT NULL DEFAULT '',
  -- What was decided last; `decision` has all of it.
  state           smallint NOT NULL DEFAULT 1, -- DeadLetter.State
  revision        bigint   NOT NULL DEFAULT 0, -- raised by every decision
  replay_id       uuid,                        -- the last one that took it
  decided_at      timestamptz,
  -- how often it and its earlier generations were replayed
  replays         smallint GENERATED ALWAYS AS
    (least(generation, 98) + CASE WHEN state IN (2, 3, 4) THEN 1 ELSE 0 END) STORED,
  PRIMARY KEY (id)
) PARTITION BY RANGE (id);

CREATE INDEX letter_place ON letter (died_at, id);
-- With letter_kind any mix of channels, reasons, codes and states is a few walks along it.
CREATE INDEX letter_by_kind ON letter (channel, reason, provider_code, state, died_at, id);
CREATE INDEX letter_by_job ON letter (job_id, died_at, id) WHERE job_id IS NOT NULL;
CREATE INDEX letter_by_recipient ON letter (recipient_hash, died_at, id) WHERE recipient_hash IS NOT NULL;
CREATE INDEX letter_by_replay ON letter (replay_id, died_at, id) WHERE replay_id IS NOT NULL;
CREATE INDEX letter_by_replays ON letter (replays, died_at, id) WHERE replays > 0;
CREATE INDEX letter_by_previous ON letter (previous) WHERE previous IS NOT NULL;

CREATE TABLE letter_rest PARTITION OF letter DEFAULT;

-- Which mixes of channel, reason and code there are, or have been.
CREATE TABLE letter_kind (
  channel       smallint NOT NULL,
  reason        text     NOT NULL,
  provider_code text     NOT NULL,
  PRIMARY KEY (channel, reason, provider_code)
);

-- Every decision about a letter, as deadletters.event has it.
CREATE TABLE decision (
  letter_id  uuid     NOT NULL,
  revision   bigint   NOT NULL,
  kind       smallint NOT NULL,  -- DeadLetterEvent.Kind
  replay_id  uuid,
  generation int      NOT NULL,
  actor      text     NOT NULL,
  reason     text     NOT NULL,
  time       timestamptz NOT NULL,
  PRIMARY KEY (letter_id, revision)
);

CREATE TABLE replay (
  id           uuid PRIMARY KEY,             -- UUID version 7
  version      bigint NOT NULL DEFAULT 1,    -- raised by every change of the row; who decides compares it
  revision     bigint NOT NULL DEFAULT 0,    -- of its PLAN_CHANGED events
  state        smallint NOT NULL,            -- Replay.State
  filter       bytea,                        -- deadletters.v1.Filter without the recipient; none: names were given
  total        bigint NOT NULL DEFAULT 0,
  digest       bytea NOT NULL DEFAULT '',
  counts       bytea NOT NULL DEFAULT '',    -- by reason and
  warnings     bytea NOT NULL DEFAULT '',    --   warnings, as in DeadLetterEvent.Plan
  rate         double precision NOT NULL DEFAULT 0,  -- letters a second
  canary_count bigint NOT NULL DEFAULT 0,
  canary_ratio double precision NOT NULL DEFAULT 0,
  canaries     smallint NOT NULL DEFAULT 0,  -- Replay.Canaries
  created_at   timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL,
  started_at   timestamptz,
  completed_at timestamptz,
  created_by   text NOT NULL DEFAULT '',
  executed_by  text NOT NULL DEFAULT '',
  cancelled_by text NOT NULL DEFAULT '',
  request_id   text,
  -- who works on it, and until when nobody else does
  owner        text,
  lease_until  timestamptz
) WITH (fillfactor = 70);
CREATE INDEX replay_open ON replay (id) WHERE completed_at IS NULL;

-- The frozen letters of a replay, in their order.
CREATE TABLE replay_letter (
  replay_id  uuid     NOT NULL,
  position   bigint   NOT NULL,
  letter_id  uuid     NOT NULL,
  state      smallint NOT NULL DEFAULT 0,
  generation int      NOT NULL DEFAULT 0,  -- that the replay gives it
  sent       boolean  NOT NULL DEFAULT false,
  repair     bytea,                        -- the new recipient, sealed for this replay and letter
  PRIMARY KEY (replay_id, position)
) WITH (fillfactor = 70);
CREATE INDEX replay_letter_by_letter ON replay_letter (letter_id, replay_id);

-- Where reading each partition goes on: moved in the transaction that holds what was read.
CREATE TABLE intake_offset (
  topic       text   NOT NULL,
  partition   int    NOT NULL,
  next_offset bigint NOT NULL,
  PRIMARY KEY (topic, partition)
);

-- There is a row while the index is being made again from the topics: nothing is served then.
CREATE TABLE rebuild (
  begun_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX rebuild_one ON rebuild ((true));

-- The least UUID whose first 48 bits are this time in milliseconds.
CREATE FUNCTION uuid_at(moment timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

-- Makes the monthly partitions that hold ids from `first` to `last`; those that exist stay. What had gone to
-- letter_rest before moves over.
CREATE FUNCTION make_letter_partitions(first timestamptz, last timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  month timestamptz := date_trunc('month', first AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
  next_month timestamptz;
  name text;
  columns text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext(current_schema() || '.letter'));
  SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns FROM pg_attribute
  WHERE attrelid = 'letter'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
  WHILE month <= last LOOP
    next_month := (month AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC';
    name := 'letter_' || to_char(month AT TIME ZONE 'UTC', 'YYYYMM');
    IF to_regclass(format('%I.%I', current_schema(), name)) IS NULL THEN
      EXECUTE format('CREATE TABLE %I (LIKE letter INCLUDING ALL) WITH (fillfactor = 80)', name);
      EXECUTE format('WITH moved AS (DELETE FROM letter_rest WHERE id >= %L AND id < %L RETURNING *) '
                     'INSERT INTO %I (%s) SELECT %s FROM moved', uuid_at(month), uuid_at(next_month), name, columns, columns);
      EXECUTE format('ALTER TABLE letter ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, uuid_at(month),
                     uuid_at(next_month));
    END IF;
    month := next_month;
  END LOOP;
END
$$;

-- Forgets everything that the topics can tell again. What waits in the outbox stays.
CREATE FUNCTION forget_index() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  TRUNCATE letter, letter_kind, decision, replay, replay_letter, intake_offset;
  INSERT INTO rebuild (begun_at) VALUES (clock_timestamp()) ON CONFLICT DO NOTHING;
END
$$;

SELECT make_letter_partitions(now() - interval '31 days', now() + interval '62 days');

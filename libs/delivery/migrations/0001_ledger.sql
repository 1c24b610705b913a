-- The durable memory of a channel: who may send (lease, claim), how each attempt ended (ledger), and
-- follow-ups that Kafka refuses for their own sake. Why it is so: libs/delivery/README.md.

-- One life of a process under one name; names are LIFE.N. Gone = nothing may be sent under it any more.
CREATE TABLE lease (
  owner      text PRIMARY KEY,
  expires_at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- One row a partition of a topic. Offsets below claimed_to may have gone out.
CREATE TABLE claim (
  topic      text   NOT NULL,
  part       int    NOT NULL,
  owner      text,
  epoch      bigint NOT NULL DEFAULT 0,
  claimed_to bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (topic, part)
) WITH (fillfactor = 50);

-- One row a notification: how its latest attempt ended, and all that what follows it needs.
-- Partitioned by the id, which begins with its time in milliseconds.
CREATE TABLE ledger (
  id              uuid        NOT NULL,
  generation      int         NOT NULL,
  attempt         int         NOT NULL,
  round           int         NOT NULL,
  outcome         smallint    NOT NULL,  -- delivery::Outcome
  maybe           boolean     NOT NULL,
  reason          text        NOT NULL,
  provider_code   text        NOT NULL,
  provider_id     text        NOT NULL,
  message         text        NOT NULL,
  tries           int         NOT NULL,
  total_tries     int         NOT NULL,
  latency_ms      bigint      NOT NULL,
  ended_at        timestamptz NOT NULL,
  first_failed_at timestamptz,
  PRIMARY KEY (id)
) PARTITION BY RANGE (id);

CREATE TABLE refused_follow_up (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  refused_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  topic      text        NOT NULL,
  key        bytea       NOT NULL,
  headers    jsonb       NOT NULL,
  value      bytea,
  code       text        NOT NULL
);

-- The least UUID whose first 48 bits are this time in milliseconds.
CREATE FUNCTION uuid_at(moment timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

-- Takes a partition for `me` when it has no owner, is this life's own, or its owner's lease is over.
-- No row: somebody else has it. No lease counts as over within 8 s of PostgreSQL's start: its owner may
-- not have been able to prolong it.
CREATE FUNCTION take_claim(its_topic text, its_part int, me text)
RETURNS TABLE (new_epoch bigint, old_claimed_to bigint)
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  held claim%ROWTYPE;
  ends timestamptz;
BEGIN
  INSERT INTO claim (topic, part) VALUES (its_topic, its_part) ON CONFLICT DO NOTHING;
  SELECT * INTO held FROM claim WHERE topic = its_topic AND part = its_part FOR UPDATE;
  IF held.owner IS NOT NULL AND split_part(held.owner, '.', 1) <> split_part(me, '.', 1) THEN
    SELECT expires_at INTO ends FROM lease WHERE owner = held.owner FOR UPDATE;
    IF FOUND THEN
      IF ends > clock_timestamp() OR pg_postmaster_start_time() > clock_timestamp() - interval '8 seconds' THEN
        RETURN;
      END IF;
      DELETE FROM lease WHERE owner = held.owner;
    END IF;
  END IF;
  RETURN QUERY UPDATE claim SET owner = me, epoch = epoch + 1
               WHERE topic = its_topic AND part = its_part RETURNING epoch, claimed_to;
END
$$;

-- Makes the weekly partitions that hold ids from `first` to `last`; those that exist stay.
CREATE FUNCTION make_ledger_partitions(first timestamptz, last timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  week timestamptz := date_trunc('week', first AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext(current_schema() || '.ledger'));
  WHILE week <= last LOOP
    IF to_regclass(format('%I.%I', current_schema(), 'ledger_' || to_char(week AT TIME ZONE 'UTC', 'YYYYMMDD'))) IS NULL THEN
      EXECUTE format('CREATE TABLE %I PARTITION OF ledger FOR VALUES FROM (%L) TO (%L) WITH (fillfactor = 80)',
                     'ledger_' || to_char(week AT TIME ZONE 'UTC', 'YYYYMMDD'), uuid_at(week),
                     uuid_at(week + interval '7 days'));
    END IF;
    week := week + interval '7 days';
  END LOOP;
END
$$;

-- Drops the partitions whose ids are all older than `before`. Returns how many.
CREATE FUNCTION drop_ledger_partitions(before timestamptz) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  child record;
  dropped int := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext(current_schema() || '.ledger'));
  FOR child IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
               WHERE i.inhparent = 'ledger'::regclass LOOP
    IF to_date(right(child.relname, 8), 'YYYYMMDD') + 7 <= (before AT TIME ZONE 'UTC')::date THEN
      EXECUTE format('DROP TABLE %I', child.relname);
      dropped := dropped + 1;
    END IF;
  END LOOP;
  RETURN dropped;
END
$$;

SELECT make_ledger_partitions(now() - interval '31 days', now() + interval '14 days');

-- Events that were committed together with state and wait to be published, or have been.
--
-- Insert-only, read by a cursor over (xid, sequence) that stays below the oldest open transaction, and
-- emptied leaf by leaf: a row goes to the leaf of its sequence, a million rows a leaf, eight leaves in a
-- ring. A leaf that could not be emptied before its turn comes again just holds both turns; see README.md.

CREATE SEQUENCE outbox_sequence AS bigint;

CREATE TABLE outbox (
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  sequence bigint NOT NULL DEFAULT nextval('outbox_sequence'),
  created_at timestamptz NOT NULL DEFAULT now(),
  id uuid NOT NULL,
  topic text NOT NULL,
  key bytea NOT NULL,
  headers bytea NOT NULL,
  value bytea NOT NULL
) PARTITION BY LIST ((sequence / 1000000 % 8));

-- Values are sealed, or compressed, already.
ALTER TABLE outbox ALTER COLUMN value SET STORAGE EXTERNAL;

-- Never updated and never deleted from: vacuum finds nothing to do, and must not stand in the way.
DO $$
BEGIN
  FOR slot IN 0..7 LOOP
    EXECUTE format('CREATE TABLE outbox_leaf_%s PARTITION OF outbox FOR VALUES IN (%s) '
                   'WITH (autovacuum_enabled = false, toast.autovacuum_enabled = false)', slot, slot);
  END LOOP;
END
$$;

CREATE INDEX outbox_order ON outbox (xid, sequence);

-- Everything at or before it is published.
CREATE TABLE outbox_cursor (
  xid xid8 NOT NULL,
  sequence bigint NOT NULL
);
CREATE UNIQUE INDEX outbox_cursor_one ON outbox_cursor ((true));
INSERT INTO outbox_cursor (xid, sequence) VALUES ('0', 0);

-- What Kafka refuses for its own sake.
CREATE TABLE failed_publication (
  xid xid8 NOT NULL,
  sequence bigint NOT NULL,
  id uuid NOT NULL,
  topic text NOT NULL,
  key bytea NOT NULL,
  headers bytea NOT NULL,
  value bytea NOT NULL,
  reason text NOT NULL,
  failed_at timestamptz NOT NULL DEFAULT now(),
  told_at timestamptz,  -- when the owner of the event knew
  PRIMARY KEY (xid, sequence)
);
CREATE INDEX failed_publication_id ON failed_publication (id);
CREATE INDEX failed_publication_untold ON failed_publication (xid, sequence) WHERE told_at IS NULL;

-- Empties the leaf if the cursor is past all of it; the service's role may not TRUNCATE. False: not now.
-- The lock waits for every transaction that has written to the leaf, so what is seen afterwards is all there is.
CREATE FUNCTION outbox_empty_leaf(slot integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '100ms' AS $$
DECLARE
  leaf text := 'outbox_leaf_' || slot;
  unpublished boolean;
  probe text := format('SELECT EXISTS (SELECT FROM %I WHERE (xid, sequence) > (SELECT xid, sequence FROM outbox_cursor))',
                       leaf);
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'outbox_empty_leaf must see what is committed now' USING ERRCODE = 'invalid_transaction_state';
  END IF;
  IF slot = pg_sequence_last_value('outbox_sequence') / 1000000 % 8 THEN RETURN false; END IF;
  IF pg_relation_size(leaf::regclass) = 0 THEN RETURN false; END IF;
  EXECUTE probe INTO unpublished;
  IF unpublished THEN RETURN false; END IF;
  EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', leaf);
  EXECUTE probe INTO unpublished;
  IF unpublished THEN RETURN false; END IF;
  EXECUTE format('TRUNCATE %I', leaf);
  RETURN true;
END
$$;

-- How long the oldest transaction with an xid has been open: it is what holds the relay back. The service's
-- role does not see other roles' sessions.
CREATE FUNCTION outbox_oldest_open_transaction() RETURNS interval
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
  SELECT coalesce(clock_timestamp() - min(began), interval '0')
  FROM (SELECT xact_start FROM pg_stat_activity WHERE backend_xid IS NOT NULL
        UNION ALL SELECT prepared FROM pg_prepared_xacts) AS open(began)
$$;

-- After the dump of another server was restored here, transaction ids begin anew, below the cursor, and rows may
-- carry ids that this server has not given yet. The relay calls this when it finds its cursor in the future: what
-- the former server surely published goes, the rest gets an id of ours, and all of it is published (again).
CREATE FUNCTION outbox_begin_anew() RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  ours xid8 := pg_snapshot_xmax(pg_current_snapshot());
BEGIN
  DELETE FROM outbox WHERE xid >= ours AND (xid, sequence) <= (SELECT xid, sequence FROM outbox_cursor);
  UPDATE outbox SET xid = pg_current_xact_id() WHERE xid >= ours;
  UPDATE outbox_cursor SET xid = '0', sequence = 0;
END
$$;

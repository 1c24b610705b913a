-- Bulk jobs, and what became of each recipient: one byte a recipient in the row of its page.
--
-- Counts are never kept beside what they count: a job's are the sum over its pages, a page's are written with its
-- bytes. No message rests here: it is sealed in the event that was published.

CREATE TABLE job (
  id uuid PRIMARY KEY,                     -- UUID version 7
  version bigint NOT NULL DEFAULT 1,       -- raised by every change of the row; who decides compares it
  state smallint NOT NULL,                 -- Job.State
  age_group text NOT NULL,
  channel smallint NOT NULL,
  fallback smallint,
  purpose text NOT NULL,
  hold boolean NOT NULL,                   -- until StartJob
  total bigint CHECK (total >= 0),         -- as the gateway counted; none: it has not yet
  planned_no_consent bigint NOT NULL DEFAULT 0,  -- of these, who will be suppressed
  planned_inactive bigint NOT NULL DEFAULT 0,
  planned_no_recipient bigint NOT NULL DEFAULT 0,
  started_at timestamptz,
  completed_at timestamptz,                -- final, and everybody is counted
  recount boolean NOT NULL DEFAULT false,  -- a result came after that
  -- what job.control says
  control smallint NOT NULL,
  revision bigint NOT NULL,
  pages_allowed integer NOT NULL,
  control_at timestamptz NOT NULL,         -- when it was published last
  -- whose it is, and the request that made it
  caller text NOT NULL,
  request_id text,
  body uuid NOT NULL                       -- keyed hash of the request, cut to 128 bits
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX job_request ON job (caller, request_id) WHERE request_id IS NOT NULL;
CREATE INDEX job_open ON job (id) WHERE completed_at IS NULL OR recount;

-- A byte of `outcomes`: the outcome in bits 0-2 (0 pending, 1 delivered, 2 failed, 3 unknown, suppressed: 4 no_consent,
-- 5 inactive, 6 no_recipient, 7 cancelled), bit 3 the fallback took over, bits 4-7 the generation (15: or more).
CREATE TABLE page (
  job_id uuid NOT NULL,                    -- of a job that may not be known yet
  page integer NOT NULL,
  size integer,                            -- none: results came before the gateway's word
  last boolean NOT NULL DEFAULT false,
  outcomes bytea NOT NULL DEFAULT '',
  success smallint NOT NULL DEFAULT 0,
  failure smallint NOT NULL DEFAULT 0,
  unknown smallint NOT NULL DEFAULT 0,
  no_consent smallint NOT NULL DEFAULT 0,
  inactive smallint NOT NULL DEFAULT 0,
  no_recipient smallint NOT NULL DEFAULT 0,
  cancelled smallint NOT NULL DEFAULT 0,
  fallback smallint NOT NULL DEFAULT 0,
  PRIMARY KEY (job_id, page)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE page ALTER COLUMN outcomes SET STORAGE EXTERNAL;

-- Recipients whose byte says failed or unknown, and why.
CREATE TABLE failure (
  job_id uuid NOT NULL,
  page integer NOT NULL,
  index integer NOT NULL,
  notification_id uuid NOT NULL,
  recipient_masked text NOT NULL,
  reason text NOT NULL,
  attempts integer NOT NULL,
  time timestamptz NOT NULL,
  PRIMARY KEY (job_id, page, index)
);

-- Where reading each partition goes on: moved in the transaction that holds what was read.
CREATE TABLE intake_offset (
  topic text NOT NULL,
  partition integer NOT NULL,
  next_offset bigint NOT NULL,
  PRIMARY KEY (topic, partition)
);

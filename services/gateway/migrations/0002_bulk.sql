-- Bulk jobs: who belongs to an age group, and how far each job's members have been frozen into pages.

ALTER TABLE member
  ADD COLUMN created_at timestamptz NOT NULL DEFAULT now(),  -- here; a job takes those created by its as_of
  ADD COLUMN has_phone boolean NOT NULL DEFAULT true;        -- the number itself is sealed

-- The order of pages. What decides about a member comes along, so that counting reads the index alone.
CREATE INDEX member_age ON member (birth_date, user_id)
  INCLUDE (created_at, has_phone, consent_marketing, consent_night) WHERE status = 'ACTIVE';

-- One row a job: what bulk.requested and job.control say of it, in whichever order they come.
CREATE TABLE bulk_job (
  job_id uuid PRIMARY KEY,
  -- from bulk.requested; null until it has come
  age_group text,
  channel smallint,
  fallback smallint,                     -- null: none
  purpose text,
  as_of timestamptz,
  requested_at timestamptz,
  sealed bytea,                          -- a sealed BulkPrivate; gone when the job has ended
  counted boolean NOT NULL DEFAULT true, -- false: jobs waits to be told how many there are
  -- from job.control; the values of JobControl.State
  revision bigint NOT NULL DEFAULT 0,
  state smallint NOT NULL DEFAULT 0,
  pages_allowed integer NOT NULL DEFAULT 0,
  -- how far it has come
  next_page integer NOT NULL DEFAULT 0,
  after_birth_date date,                 -- the last member that is frozen; null: none is
  after_user_id text COLLATE "C",
  complete boolean NOT NULL DEFAULT false,  -- its last page is frozen
  served_at timestamptz NOT NULL DEFAULT '-infinity'
);
CREATE INDEX bulk_job_open ON bulk_job (served_at) WHERE NOT complete OR NOT counted;

-- A page that is frozen and not yet known to be on its topics. It goes when it is.
CREATE TABLE bulk_page (
  job_id uuid NOT NULL,
  page integer NOT NULL,
  members text NOT NULL,                 -- user ids in order, one a line
  suppressed text NOT NULL,              -- "index reason", one a line
  last boolean NOT NULL,
  taken_until timestamptz NOT NULL,      -- whoever publishes it; then anybody may
  PRIMARY KEY (job_id, page)
);

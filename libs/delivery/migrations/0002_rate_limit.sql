-- What a provider's rate limit has granted lately, for all replicas (resilience::LimitState). Written by
-- compare-and-set on version; counted by this database's clock.
CREATE TABLE rate_limit (
  provider   text             PRIMARY KEY,
  version    bigint           NOT NULL DEFAULT 0,
  at         timestamptz      NOT NULL DEFAULT 'epoch',
  level      double precision NOT NULL DEFAULT 0,
  bulk_level double precision NOT NULL DEFAULT 0,
  cell_at    timestamptz[]    NOT NULL DEFAULT '{}',
  cell_all   int[]            NOT NULL DEFAULT '{}',
  cell_bulk  int[]            NOT NULL DEFAULT '{}'
) WITH (fillfactor = 20);

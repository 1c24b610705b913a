-- Campaigns, their stock, and who got which coupon.

CREATE TABLE campaign (
  id text PRIMARY KEY,
  -- What is left: every coupon issued takes one.
  stock bigint NOT NULL CHECK (stock >= 0),
  created_at timestamptz NOT NULL DEFAULT now()
)
-- Its row changes with every batch: room on its page keeps the changes there, and vacuum comes often.
WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE issued (
  id uuid NOT NULL UNIQUE,  -- the coupon's public name; the code itself is as good as the coupon
  user_id text NOT NULL,
  campaign_id text NOT NULL REFERENCES campaign (id),
  code text NOT NULL UNIQUE,
  issued_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, campaign_id)
);

-- Issues one coupon for each pair of user and campaign, all of them in one transaction, and tells for
-- each place of the arrays what became of it:
--   issued  (now or before; `coupon` names it), out_of_stock, no_campaign,
--   again   (its code exists already, for another coupon: ask with a new one)
-- The campaigns' rows are locked first, in order, and every statement after that sees what the lock's
-- last holders did. So a member never has two coupons of a campaign, and no campaign gives more than its
-- stock, whoever else is issuing.
CREATE FUNCTION issue_coupons(user_ids text[], campaign_ids text[], ids uuid[], codes text[])
RETURNS TABLE (outcome text, coupon uuid)
LANGUAGE plpgsql VOLATILE
SET search_path FROM CURRENT
AS $$
BEGIN
  PERFORM FROM campaign c WHERE c.id = ANY (campaign_ids) ORDER BY c.id FOR UPDATE;

  WITH wanted AS (
    SELECT DISTINCT ON (w.campaign_id, w.user_id) w.*
    FROM unnest(user_ids, campaign_ids, ids, codes) WITH ORDINALITY AS w (user_id, campaign_id, id, code, place)
    WHERE NOT EXISTS (SELECT FROM issued i WHERE i.user_id = w.user_id AND i.campaign_id = w.campaign_id)
    ORDER BY w.campaign_id, w.user_id, w.place
  ), turns AS (
    SELECT w.*, c.stock, row_number() OVER (PARTITION BY w.campaign_id ORDER BY w.place) AS turn
    FROM wanted w JOIN campaign c ON c.id = w.campaign_id
  ), new AS (
    INSERT INTO issued (id, user_id, campaign_id, code)
    SELECT t.id, t.user_id, t.campaign_id, t.code FROM turns t WHERE t.turn <= t.stock
    ON CONFLICT DO NOTHING
    RETURNING campaign_id
  )
  UPDATE campaign c SET stock = c.stock - taken.number
  FROM (SELECT new.campaign_id, count(*) AS number FROM new GROUP BY new.campaign_id) AS taken
  WHERE c.id = taken.campaign_id;

  RETURN QUERY
    SELECT CASE WHEN i.id IS NOT NULL THEN 'issued'
                WHEN c.id IS NULL THEN 'no_campaign'
                WHEN c.stock = 0 THEN 'out_of_stock'
                ELSE 'again' END, i.id
    FROM unnest(user_ids, campaign_ids) WITH ORDINALITY AS w (user_id, campaign_id, place)
    LEFT JOIN campaign c ON c.id = w.campaign_id
    LEFT JOIN issued i ON i.user_id = w.user_id AND i.campaign_id = w.campaign_id
    ORDER BY w.place;
END
$$;

-- The campaign of every signup.
INSERT INTO campaign (id, stock) VALUES ('welcome', 1000000);

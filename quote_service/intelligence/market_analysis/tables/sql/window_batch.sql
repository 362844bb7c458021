-- Made from `quote_service/intelligence/market_analysis/model/transformations/windows.py` by `make windows`: change that, not this.

-- name: count_windows
-- The moments of a batch, each column as an array; the first argument is the width of windows.
WITH moments AS (
    SELECT $1::bigint AS width_us, event_id, product_id, currency, at_us, price, mark COLLATE "C" AS mark, listing_id, counted, removed, doubted, applied, views, searches, carts, cart_units, purchases, purchase_units
    FROM unnest(
        $2::text[], $3::text[], $4::text[], $5::bigint[], $6::decimal(18,6)[], $7::text[], $8::text[], $9::int[], $10::int[], $11::int[], $12::int[], $13::int[], $14::int[], $15::int[], $16::int[], $17::int[], $18::int[]
    ) AS given (event_id, product_id, currency, at_us, price, mark, listing_id, counted, removed, doubted, applied, views, searches, carts, cart_units, purchases, purchase_units)
)
SELECT
  "moments"."product_id" AS "product_id",
  "moments"."currency" AS "currency",
  (
    "moments"."at_us" - (
      "moments"."at_us" % "moments"."width_us"
    )
  ) AS "starts_us",
  CAST(COUNT(1) AS BIGINT) AS "events",
  MAX("moments"."at_us") AS "newest_us",
  MIN("moments"."mark") AS "first_mark",
  MAX("moments"."mark") AS "last_mark",
  MIN("moments"."price") AS "low",
  MAX("moments"."price") AS "high",
  ARRAY_AGG(DISTINCT "moments"."listing_id") AS "listings",
  SUM("moments"."counted") AS "counted",
  SUM("moments"."removed") AS "removed",
  SUM("moments"."doubted") AS "doubted",
  SUM("moments"."applied") AS "applied",
  SUM("moments"."views") AS "views",
  SUM("moments"."searches") AS "searches",
  SUM("moments"."carts") AS "carts",
  SUM("moments"."cart_units") AS "cart_units",
  SUM("moments"."purchases") AS "purchases",
  SUM("moments"."purchase_units") AS "purchase_units"
FROM "moments" AS "moments"
GROUP BY
  "moments"."product_id",
  "moments"."currency",
  (
    "moments"."at_us" - (
      "moments"."at_us" % "moments"."width_us"
    )
  );

-- name: insert_units
INSERT INTO claimed_units (quote_id, line, item_id, quantity, is_taken)
SELECT quote_id, line, item_id, quantity, $5
FROM unnest($1::uuid[], $2::integer[], $3::uuid[], $4::integer[]) AS claimed (quote_id, line, item_id, quantity);

-- name: units_of_quotes
SELECT quote_id, line, item_id, quantity - given_back AS quantity
FROM claimed_units
WHERE quote_id = ANY ($1::uuid[]) AND is_taken = $2 AND given_back < quantity;

-- name: return_units
UPDATE claimed_units AS claimed SET given_back = claimed.given_back + back.quantity
FROM unnest($units.quote_id::uuid[], $units.line::integer[], $units.quantity::integer[]) AS back (quote_id, line, quantity)
WHERE claimed.quote_id = back.quote_id AND claimed.line = back.line;

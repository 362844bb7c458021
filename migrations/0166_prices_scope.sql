-- Why: how far a price may move is shown to staff, and to machines with a scope of its own, `prices:read`.
-- Locks: api_keys against writers while its few rows are checked.
-- Undo: take the scope from every key, and put the constraint of 0111 back.

ALTER TABLE api_keys DROP CONSTRAINT api_keys_scopes_known;
ALTER TABLE api_keys ADD CONSTRAINT api_keys_scopes_known CHECK (
    scopes <@ ARRAY[
        'quote:write', 'quote:read', 'flash:purchase', 'flags:evaluate', 'rates:write', 'rules:write', 'flags:write',
        'sales:write', 'catalog:write', 'reports:read', 'order:write', 'telemetry:write', 'competitors:write',
        'observations:write', 'prices:read'
    ]
);

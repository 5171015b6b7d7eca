-- A page of the tokens that search_tokens_where.sql asks for; the order is the caller's. $7 lists [token, when it was last
-- used], for that order only.
WITH used (id, at_ms) AS MATERIALIZED (
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each($7)
)
SELECT token.token_id, kind, token.member_id, name, description, scope_kind, role, custom_role_ids, inline_role,
    role_binding, ending, expiry_ms, previous_secret_until_ms, default_api_version, cloned_from,
    created_at_ms, modified_at_ms, version, last_position
FROM token LEFT JOIN used ON used.id = token.token_id

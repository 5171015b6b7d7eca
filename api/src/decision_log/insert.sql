INSERT INTO decision (
    decision_id, at_ms, door, account_id, token_id, member_id, kind, scope, action, resource, allowed, reason, layer, position
)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)

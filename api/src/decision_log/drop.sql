INSERT INTO decision_drop (at_ms, dropped) VALUES (?1, ?2)

-- Takes or keeps the word for $2 milliseconds, unless another node has it. The clock is the database's: no two nodes
-- need to agree on the time.
INSERT INTO projector AS p (name, node, until_ms)
VALUES ('tables', $1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint + $2)
ON CONFLICT (name) DO UPDATE
SET node = excluded.node, until_ms = excluded.until_ms
WHERE p.node = excluded.node OR p.until_ms <= (extract(epoch FROM clock_timestamp()) * 1000)::bigint

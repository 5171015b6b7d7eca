SET LOCAL search_path = keyledger_projections;

-- Who projects now: one node at a time, until it is silent for too long. What is correct does not hang on it: the cursor
-- is locked and compared in every transaction that writes rows.
CREATE TABLE projector (
    -- The projection, see projection.
    name text NOT NULL PRIMARY KEY,
    -- The node, by a number that it drew when it started.
    node text NOT NULL,
    -- Until when it has the word, by the database's clock. The node says so again in good time.
    until_ms bigint NOT NULL
);

REVOKE ALL ON SCHEMA keyledger_projections FROM PUBLIC;
GRANT USAGE ON SCHEMA keyledger_projections TO keyledger_service, keyledger_analyst, keyledger_auditor;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA keyledger_projections TO keyledger_service;
GRANT SELECT ON ALL TABLES IN SCHEMA keyledger_projections TO keyledger_analyst, keyledger_auditor;
GRANT SELECT ON keyledger.projections_migration TO keyledger_service, keyledger_auditor;

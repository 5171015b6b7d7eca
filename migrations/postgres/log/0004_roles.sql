-- Who may do what. These are roles without a login: an operator makes logins and grants them one of these.
--   keyledger_service   what a node connects as: it adds events, and never changes or deletes one
--   keyledger_auditor   reads the log
--   keyledger_analyst   reads what is computed from the log, and nothing of the log, which says who people are
-- Roles belong to the whole server, so they may be there already, made by another database or by an administrator.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['keyledger_service', 'keyledger_auditor', 'keyledger_analyst'] LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- another database's migration was faster
            END;
        END IF;
    END LOOP;
END
$$;

REVOKE ALL ON SCHEMA keyledger FROM PUBLIC;
GRANT USAGE ON SCHEMA keyledger TO keyledger_service, keyledger_auditor, keyledger_analyst;

GRANT SELECT, INSERT ON keyledger.event, keyledger.command_receipt TO keyledger_service;
GRANT SELECT, INSERT, UPDATE ON keyledger.stream TO keyledger_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON keyledger.claim TO keyledger_service;
GRANT SELECT, UPDATE ON keyledger.log_head TO keyledger_service;
GRANT SELECT ON keyledger.log_migration TO keyledger_service, keyledger_auditor;

GRANT SELECT ON keyledger.log_head, keyledger.event, keyledger.stream, keyledger.command_receipt, keyledger.claim
TO keyledger_auditor;

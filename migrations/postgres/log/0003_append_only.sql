-- Append-only, also for the owner of the tables. Who can drop these triggers can edit the files as well: that is what
-- the hash chain is for. A step of its own: CockroachDB before 24.3 has no triggers, and there the grants of the next
-- step are what remains (docs/scaling.md).
CREATE FUNCTION keyledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'event is append-only' USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER event_no_change BEFORE UPDATE OR DELETE ON keyledger.event
FOR EACH ROW EXECUTE FUNCTION keyledger.refuse_change();

CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON keyledger.event
FOR EACH STATEMENT EXECUTE FUNCTION keyledger.refuse_change();

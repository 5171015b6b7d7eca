-- The part between the marks is repeated for each row.
DELETE FROM claim WHERE claim_key IN (VALUES /*row*/(?)/*row*/)

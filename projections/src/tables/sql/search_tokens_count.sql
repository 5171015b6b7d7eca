-- How many tokens search_tokens_where.sql asks for.
SELECT count(*) FROM token

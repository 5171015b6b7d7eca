-- Sent as one message. Locking the head first makes positions dense and in commit order, and what is looked up by the
-- statements that follow is true until the commit, because each of them sees what was committed before it began.
-- A node that stops in between must not keep the others out: PostgreSQL ends its transaction. Nothing here is ever
-- found by reading a whole table, however small it still is when a plan is made.
BEGIN ISOLATION LEVEL READ COMMITTED;
SET LOCAL lock_timeout = '4s';
SET LOCAL idle_in_transaction_session_timeout = '5s';
SET LOCAL enable_seqscan = off;
SELECT position FROM keyledger.log_head WHERE log = 0 FOR UPDATE;

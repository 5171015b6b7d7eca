DELETE FROM decision WHERE number <= (SELECT max(number) FROM decision) - ?1

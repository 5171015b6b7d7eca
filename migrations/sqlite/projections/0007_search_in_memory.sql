-- Lists of tokens are searched and sorted in memory, but for accounts with more than a million of them. Together these two indexes
-- were as large as the tokens themselves, and every new token paid for them.
DROP INDEX token_search;
DROP INDEX token_name;

UPDATE projection SET status = 'failed' WHERE name = 'tables'

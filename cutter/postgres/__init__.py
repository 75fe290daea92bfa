"""PostgreSQL: connections, transactions, catalogue, migrations and the embedded server; all SQL is run here."""

"""What people see: pages that read the database. No SQL, and nothing that is loaded from outside."""

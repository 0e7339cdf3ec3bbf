"""The database under the server: sessions, rewriting of SQL, stored state."""

"""RecordRun: closes the ledger of a run, or records what failed and the next command."""

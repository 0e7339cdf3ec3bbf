"""`tonearm report`: one self-contained HTML page per run, from the documents the run left."""

"""The one-machine runtime: the whole pipeline on this computer, with no account."""

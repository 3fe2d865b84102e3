"""The append-only history: written under the locked head of its hash chain, read as a timeline, verified as a whole."""

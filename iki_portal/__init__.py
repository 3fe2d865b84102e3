"""Portal IKI: the yearly performance indicators of an office, from draft to an approved, unchanging sheet."""

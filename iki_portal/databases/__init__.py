"""The databases themselves: who may do what in them, and one database copied into another."""

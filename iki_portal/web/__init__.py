"""Plumbing that all pages share: access, transaction, actor, errors, formats, labels, navigation, headers."""

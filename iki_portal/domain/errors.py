"""What can go wrong by the office's rules. Each error becomes one page or one message, mapped in one place.

`str(error)` is a complete sentence in Indonesian, ready for the person who meets it.
"""


class DomainError(Exception):
    """The base of all refusals; never raised itself."""


class NotFound(DomainError):
    """The thing does not exist for this person (also: must not be known to exist)."""


class NotAllowed(DomainError):
    """The thing is in sight, but this person may not do this now. The message says who may and when."""


class WrongState(DomainError):
    """The step does not start from the state the sheet is in."""


class Incomplete(DomainError):
    """Something that the step needs is missing or contradicts itself."""


class Outdated(DomainError):
    """The page was drawn from a version that somebody has changed since."""


class Invalid(DomainError):
    """A value cannot be what it says it is (a number, a date, an identifier)."""

"""How large a document may be, and what a process that reads strangers' files allows itself: a hostile one can end it, and
nothing else."""

from contextlib import suppress

LARGEST_DOCUMENT = 5 * 1024 * 1024


def limit_this_process(cpu_seconds: int, memory: int) -> None:
    """Where the system knows limits; a dying parser must not take the machine along."""
    with suppress(ImportError):
        import resource  # noqa: PLC0415  # exists on Unix only

        for kind, most in ((resource.RLIMIT_CPU, cpu_seconds), (resource.RLIMIT_AS, memory)):
            with suppress(ValueError, OSError):
                resource.setrlimit(kind, (most, most))

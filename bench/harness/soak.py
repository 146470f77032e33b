"""A longer load at default settings, during which no request may fail."""

from . import answers, contestants, wrk
from .settings import Figure


def measure(settings, say):
    say(f"wrk -t2 -c100 -d{settings.soak_seconds}s on /json")
    process, port = contestants.sake(settings.build_dir).start(settings.work_dir / "soak")
    with process:
        answers.check(port)
        outcome = wrk.apply(wrk.Load("/json", threads=2), port, settings.soak_seconds)
    detail = {"seconds": settings.soak_seconds, "requests_per_second": outcome.per_second,
              "p50_us": outcome.p50_us, "p99_us": outcome.p99_us, "errors": outcome.errors}
    return detail, [Figure(
        f"wrk -t2 -c100 -d{settings.soak_seconds}s on /json", outcome.error_count, "errors", 0,
        f"{outcome.per_second:.0f} requests/s, p99 {outcome.p99_us:.0f} µs")]

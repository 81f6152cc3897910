"""Log: one line per thing that happened, as JSON for machines or in colour for a person at a terminal.

No personal data: a text is only written under a key of TEXT_KEYS, and the message of a foreign exception, which may
quote the record that it was about, is not written at all.
"""

import logging  # noqa: TID251 - the one place that knows it, to lead foreign log lines the same way
import sys
import traceback
from collections.abc import Callable, Iterable
from enum import Enum
from pathlib import Path
from time import monotonic
from typing import Any, TextIO
from uuid import UUID

import orjson
import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from schemas.errors import Misconfigured, Rejected, Unavailable

TEXT_KEYS = frozenset(
    (
        *("event", "level", "logger", "timestamp", "service", "slot"),
        *("bootstrap", "code", "exit_code", "kind", "path", "problem", "problems", "setting", "signal", "version"),
        *("group", "member", "partitions", "phase", "stage", "topic"),
        *("case_id", "department", "municipality", "reason", "recipe", "reference", "rule", "schema", "station"),
        *("connector", "file", "folder", "host", "portal", "state", "status"),
    )
)
"""Keys under which a text may be written; a new one has to be added here, and thought about."""

WITHHELD = "(withheld)"
_FOREIGN = ("aiokafka", "asyncio", "faust", "httpx2", "kafka", "mode", "uvicorn", "uvicorn.access", "uvicorn.error")
_FRAMES = 20
_KINDS = 500
_PLAIN = (int, float, bool, type(None), Enum, UUID, Path)


def configure_log(*, service: str, slot: str = "", json: bool = True, stream: TextIO | None = None) -> None:
    """To be called once, first of all, by the process; foreign libraries are heard from WARNING on."""
    stream = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        _bound(service=service, slot=slot),
        withhold,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    rendering = _json() if json else _console(stream)
    structlog.configure(
        processors=[*shared, *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.BytesLoggerFactory(stream.buffer) if json else structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    _lead_foreign_lines([structlog.stdlib.add_logger_name, *shared], rendering, stream)


def wants_json(log_format: str, stream: TextIO) -> bool:
    """``auto`` means: a person at a terminal gets the console, everything else JSON."""
    return log_format == "json" or (log_format == "auto" and not stream.isatty())


def withhold(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replaces every text that stands under a key nobody has vouched for."""
    for key, value in event.items():
        if key not in TEXT_KEYS and key != "exc_info" and not isinstance(value, _PLAIN) and not key.startswith("_"):
            event[key] = WITHHELD
    return event


def describe_exception(exc_info: ExcInfo) -> list[dict[str, Any]]:
    """An exception and its causes by type and place, with the words of those that promise to hold no personal data."""
    return [_described(error) for error in _chain(exc_info[1])]


def _chain(error: BaseException | None) -> Iterable[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _described(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__, limit=-_FRAMES)
    return {
        "type": type(error).__qualname__,
        "text": str(error) if _is_safe(error) else WITHHELD,
        "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }


def _is_safe(error: BaseException) -> bool:
    ours = isinstance(error, (Misconfigured, OSError, Rejected, Unavailable))
    return ours or type(error).__module__.partition(".")[0] in {"aiokafka", "kafka"}


def _bound(**values: str) -> Processor:
    """Not a context variable: those do not reach the threads of the Kafka client."""
    fixed = {key: value for key, value in values.items() if value}

    def bind(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {**fixed, **event}

    return bind


def _json() -> list[Processor]:
    return [
        structlog.processors.ExceptionRenderer(describe_exception),
        structlog.processors.JSONRenderer(serializer=orjson.dumps, default=str),
    ]


def _console(stream: TextIO) -> list[Processor]:
    return [structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=_print_exception)]


def _print_exception(stream: TextIO, exc_info: ExcInfo) -> None:
    errors = describe_exception(exc_info)
    stream.writelines("\n  ".join([f"\n{error['type']}: {error['text']}", *error["frames"]]) for error in errors)


def _lead_foreign_lines(shared: list[Processor], rendering: list[Processor], stream: TextIO) -> None:
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering, _as_text],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    handler.addFilter(Seldom())
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.WARNING)
    for name in _FOREIGN:  # by name as well, because Faust's worker sets the root to DEBUG
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)


class Seldom(logging.Filter):
    """Lets a foreign line pass that was not said just now: clients report an absent broker many times a second."""

    def __init__(self, pause: float = 10.0, now: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._pause, self._now = pause, now
        self._said: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """The words before what is filled in decide; an exception always passes."""
        words, now = (record.name, str(record.msg)), self._now()
        if record.exc_info:
            return True
        if now - self._said.get(words, -self._pause) < self._pause:
            return False
        if len(self._said) >= _KINDS:  # a library that fills in before it logs
            self._said.clear()
        self._said[words] = now
        return True


def _as_text(_logger: WrappedLogger, _method: str, line: Any) -> str:  # noqa: ANN401 - what a renderer returns
    return line.decode() if isinstance(line, bytes) else str(line)

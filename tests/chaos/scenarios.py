"""The seeded scenarios: faults at the calls a fault-free run makes, alone and in pairs."""

import random
import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from tests.chaos.aws_calls import REFUSED, SERVER_ERROR, THROTTLE
from tests.chaos.bed import CLOUD, WAREHOUSE
from tests.chaos.rules import FOREVER, Rule
from tests.chaos.switch import HANG, LOST_ANSWER, TORN
from tests.chaos.words import (
    DOUBLED,
    FAILS_AFTER_WRITING,
    FAILS_AT_ONCE,
    KILLED,
    LATE,
    LOGIN_REFUSED,
    LOST,
    REORDERED,
    TIMED_OUT,
)

# How often a client of the bed asks before it gives up, and so how often a state's task must fail.
CLIENT_ATTEMPTS: Final = 2
OPERATOR_ATTEMPTS: Final = 5
SCHEDULED, TWICE, AT_ONCE, BY_HAND, ABORTED = (
    "scheduled",
    "fired twice",
    "two at once",
    "by hand",
    "aborted",
)
_RUN_ID: Final = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
_FUNCTION: Final = re.compile(r"tonearm-local-(\w+Function)-\w+")
_WRITES: Final = re.compile(r"\.(Put|Copy|Update|Delete|Transact)")
_ENTITIES: Final = ("albums", "artists", "songs", "playlist_entries", "playlists")
_JOBS: Final = ("albums", "artists", "songs")
_FUNCTIONS: Final = ("PlanRun", "ExtractSpotify", "PublishRun", "ConfirmLoad", "RecordRun")
_STATES_CALLS: Final = ("StartExecution", "DescribeExecution", "GetExecutionHistory")

Draw = random.Random


class Fault(NamedTuple):
    """One fault of a scenario.

    Attributes:
        kind: what it is called in the table.
        server: whose switch it is set at.
        rule: the calls it meets.
    """

    kind: str
    server: str
    rule: Rule

    def __str__(self) -> str:
        times = "for ever" if self.rule.times >= FOREVER else f"{self.rule.times}x"
        return f"{self.kind} {times} from call {self.rule.nth} of {self.rule.calls}"


class Scenario(NamedTuple):
    """One playlist's run, how it is started, and the faults it meets."""

    number: int
    way: str
    faults: tuple[Fault, ...]

    @property
    def name(self) -> str:
        """The playlist's name."""
        return playlist_name(self.number)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The rows of the table it counts in."""
        ways = () if self.way == SCHEDULED else (self.way,)
        return (*ways, *(fault.kind for fault in self.faults))

    def __str__(self) -> str:
        return f"{self.name} {self.way}: " + " + ".join(map(str, self.faults))


def playlist_name(number: int) -> str:
    """Of fixed length, so that the rows of two playlists differ in it alone."""
    return f"q{number:03d}"


def places_of(calls: Sequence[str]) -> list[str]:
    """The calls of functions in a fault-free run as regular expressions, each once."""
    made = [call for call in calls if "Function" in call.split(" ")[0]]
    return list(dict.fromkeys(_pattern(call) for call in made))


def _pattern(call: str) -> str:
    function = _FUNCTION.sub(r"\1", call)
    parts = [re.escape(part) for part in _RUN_ID.split(function)]
    return "-?\\w* ".join("[^ ]*".join(parts).split("\\ ", 1))


# ------------------------------------------------------------------ kinds
def _aws(kind: str, lengths: Sequence[int], *, only_writes: bool = False) -> Callable[..., Fault]:
    def make(draw: Draw, places: Sequence[str]) -> Fault:
        fitting = [place for place in places if not only_writes or _WRITES.search(place)]
        place = draw.choice(fitting)
        service = re.search(r" (\w+)\\?\.", place)
        name = f"{service[1] if service else 'aws'} {kind}"
        return Fault(name, CLOUD, Rule(place, kind, times=draw.choice(lengths)))

    return make


def _function(kind: str) -> Callable[..., Fault]:
    def make(draw: Draw, places: Sequence[str]) -> Fault:
        times = draw.choice((1, 1, 2, FOREVER))
        return Fault(f"lambda {kind}", CLOUD, Rule(draw.choice(places), kind, times=times))

    return make


def _invocation(error: str) -> Callable[..., Fault]:
    def make(draw: Draw, _places: Sequence[str]) -> Fault:
        calls = f"states lambda.Invoke .*{draw.choice(_FUNCTIONS)}Function"
        return Fault(error, CLOUD, Rule(calls, error, times=draw.choice((1, 3, FOREVER))))

    return make


def _start_job(error: str) -> Callable[..., Fault]:
    def make(draw: Draw, _places: Sequence[str]) -> Fault:
        calls = f"glue.StartJobRun .*{draw.choice(_JOBS)}"
        return Fault(error, CLOUD, Rule(calls, error, times=draw.choice((1, 4, FOREVER))))

    return make


def _job(kind: str) -> Callable[..., Fault]:
    def make(draw: Draw, _places: Sequence[str]) -> Fault:
        rule = Rule(f"glue job.Run .*{draw.choice(_JOBS)}", kind, times=draw.choice((1, 1, 2)))
        return Fault(f"glue job {kind}", CLOUD, rule)

    return make


def _event(kind: str) -> Callable[..., Fault]:
    def make(draw: Draw, _places: Sequence[str]) -> Fault:
        entity = draw.choice((*_ENTITIES, ""))
        times = 1 if entity else len(_ENTITIES)
        calls = f"s3 event.Created curated/{f'{entity}/' if entity else ''}"
        return Fault(f"event {kind}", CLOUD, Rule(calls, kind, times=times))

    return make


def _warehouse(kind: str, calls: str, lengths: Sequence[int]) -> Callable[..., Fault]:
    def make(draw: Draw, _places: Sequence[str]) -> Fault:
        nth = draw.randint(1, 4) if "Query" in calls else 1
        rule = Rule(calls, kind, nth, draw.choice(lengths))
        return Fault(f"warehouse {kind}", WAREHOUSE, rule)

    return make


def _operator(kind: str) -> Callable[..., Fault]:
    def make(draw: Draw, _places: Sequence[str]) -> Fault:
        calls = f"operator states.{draw.choice(_STATES_CALLS)}"
        times = draw.choice((1, OPERATOR_ATTEMPTS))
        return Fault(f"states {kind}", CLOUD, Rule(calls, kind, draw.randint(1, 2), times))

    return make


_LOGIN: Final = "snowflake.Login TONEARM_SERVICE"
_QUERY: Final = "snowflake.Query (select file_name|select source_file)"
_BRIEF: Final = (1, 1, CLIENT_ATTEMPTS, 2 * CLIENT_ATTEMPTS)
_ANY: Final = (*_BRIEF, FOREVER)
PIPELINE_KINDS: Final[tuple[Callable[..., Fault], ...]] = (
    _aws(THROTTLE, _ANY),
    _aws(SERVER_ERROR, _ANY),
    _aws(HANG, (1, CLIENT_ATTEMPTS)),
    _aws(TORN, _ANY, only_writes=True),
    _aws(LOST_ANSWER, _BRIEF, only_writes=True),
    _aws(REFUSED, (FOREVER,)),
    _function(KILLED),
    _function(TIMED_OUT),
    _invocation("Lambda.TooManyRequestsException"),
    _invocation("Lambda.ServiceException"),
    _start_job("Glue.ConcurrentRunsExceededException"),
    _start_job("Glue.AWSGlueException"),
    _start_job("Glue.ThrottlingException"),
    _start_job("Glue.InternalServiceException"),
    _job(FAILS_AT_ONCE),
    _job(FAILS_AFTER_WRITING),
    _job(TIMED_OUT),
    _job(KILLED),
    _event(LOST),
    _event(DOUBLED),
    _event(LATE),
    _event(REORDERED),
    _warehouse(TORN, _LOGIN, (1, 2)),
    _warehouse(SERVER_ERROR, _LOGIN, (1, 2)),
    _warehouse(LOGIN_REFUSED, _LOGIN, (1, FOREVER)),
    _warehouse(TORN, _QUERY, (1, 2)),
    _warehouse(SERVER_ERROR, _QUERY, (1, 2)),
)
OPERATOR_KINDS: Final = tuple(map(_operator, (THROTTLE, SERVER_ERROR, TORN, LOST_ANSWER)))
_WAYS: Final = (SCHEDULED,) * 7 + (TWICE, AT_ONCE, BY_HAND, ABORTED)


def scenarios(count: int, seed: int, places: Sequence[str]) -> list[Scenario]:
    """So many scenarios, the same for the same seed and places: each kind in turn, then pairs.

    Every other one has two faults. Scenario 0 is left to the fault-free run.
    """
    draw = random.Random(seed)
    kinds = [*PIPELINE_KINDS, *OPERATOR_KINDS]
    draw.shuffle(kinds)
    made = []
    for number in range(1, count + 1):
        first = kinds[number % len(kinds)]
        way = BY_HAND if first in OPERATOR_KINDS else draw.choice(_WAYS)
        chosen = [first] if number % 2 else [first, draw.choice(PIPELINE_KINDS)]
        faults = tuple(make(draw, places) for make in chosen)
        made.append(Scenario(number, way, faults))
    return made

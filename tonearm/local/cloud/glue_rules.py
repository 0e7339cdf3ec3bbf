"""What Glue does with a job's arguments, as far as a version of it ignores some or keeps them.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html
"""

from collections.abc import Mapping
from typing import Any, Final

# "AWS Glue uses the following arguments internally and you should never use them".
RESERVED: Final = frozenset({"--JOB_NAME", "--mode", "--debug", "--endpoint"})
_REAL_TIME_LOGS: Final = (
    "Glue 5.0 and later log in real time, to the groups under --custom-logGroup-prefix"
)
_NO_GLUE_CONTEXT: Final = "metrics begin with a GlueContext, and the jobs' scripts make none"
_EMRFS: Final = "Glue 6.0 has no EMRFS"
IGNORED: Final[Mapping[str, tuple[int, str]]] = {
    "--continuous-log-logGroup": (5, _REAL_TIME_LOGS),
    "--continuous-log-logStreamPrefix": (5, _REAL_TIME_LOGS),
    "--enable-continuous-cloudwatch-log": (5, _REAL_TIME_LOGS),
    "--enable-continuous-log-filter": (5, _REAL_TIME_LOGS),
    "--enable-metrics": (0, _NO_GLUE_CONTEXT),
    "--enable-observability-metrics": (0, _NO_GLUE_CONTEXT),
    "--enable-job-insights": (4, "job run insights are of Glue 2.0 and 3.0"),
    "--enable-s3-parquet-optimized-committer": (6, _EMRFS),
    "--enable-rename-algorithm-v2": (2, "the algorithm is of Glue 1.0"),
}


def refusal(version: str, arguments: Mapping[str, Any]) -> str:
    """Why this version of Glue would not heed all of these arguments; empty when it would."""
    major = int(version.split(".", maxsplit=1)[0])
    for name in arguments:
        if name in RESERVED:
            return f"{name} is Glue's own: never set it"
        since, why = IGNORED.get(name, (major + 1, ""))
        if major >= since:
            return f"{name} does nothing in Glue {version}: {why}"
    return ""

"""What comes before a run: the doctor's examination, the Spotify login, and the sources."""

from tonearm.findings import Finding
from tonearm.verify.outcomes import Fault, Outcome, judged, left_open
from tonearm.verify.subject import Subject
from tonearm_pipeline.sources import ALBUM, ARTIST, parse_sources

_LOGIN, _SOURCES = ("login",), ("sources", "quota")
# These speak of earlier runs; verify makes its own.
_EARLIER = ("runs", "freshness")
# A login that works today, though not for ever.
_LIFE = ("the login ends in", "the secret does not say when")
_FOR_ALBUMS = (
    "or, for albums and artists alone, put the app's client_id and client_secret as JSON into the "
    "secret {stack}/spotify"
)


def check_doctor(subject: Subject) -> Outcome:
    """The doctor has no finding but those that other steps tell, or that are the owner's choice."""
    elsewhere = (*_LOGIN, *_SOURCES, *_EARLIER)
    found = [one for one in subject.diagnosis.findings if one.check not in elsewhere]
    chosen = [one for one in found if _is_chosen(subject, one)]
    told = [f"{len(subject.diagnosis.facts)} facts"]
    told += [f"left as chosen: {one.what}" for one in chosen]
    told += subject.diagnosis.unseen
    return judged("; ".join(told), (_fault(one) for one in found if one not in chosen))


def check_login(subject: Subject) -> Outcome:
    """The secret holds an app's credentials that Spotify takes, and a user's login that lasts."""
    found = [one for one in subject.diagnosis.findings if one.check in _LOGIN]
    without_user = [one for one in found if one.what.startswith("nobody has logged in, and")]
    faults = [_login_fault(subject, one) for one in found if one not in without_user]
    subject.is_login_usable = all(
        one in without_user or one.what.startswith(_LIFE) for one in found
    )
    if faults:
        return judged("", faults)
    if without_user and _need_no_user(subject):
        return left_open(f"the app's own login works; {without_user[0].what}: {_fix(without_user)}")
    return judged("Spotify takes the login", map(_fault, without_user))


def check_sources(subject: Subject) -> Outcome:
    """Spotify lets the stack's sources be read now."""
    found = [one for one in subject.diagnosis.findings if one.check in _SOURCES]
    kinds = ", ".join(sorted({source.kind for source in parse_sources(subject.sources)}))
    told = [one.what for one in subject.diagnosis.facts if one.check == "quota"]
    return judged("; ".join([f"the runs read: {kinds}", *told]), map(_fault, found))


def _need_no_user(subject: Subject) -> bool:
    return all(source.kind in (ALBUM, ARTIST) for source in parse_sources(subject.sources))


def _is_chosen(subject: Subject, finding: Finding) -> bool:
    """Whether a finding is what a parameter of the stack asks for."""
    stack = subject.stack
    return any(
        (
            finding.check == "schedule" and stack.parameter("ScheduleState") == "DISABLED",
            finding.check == "alarms" and not stack.parameter("AlarmEmail"),
            finding.check == "wiring" and not subject.is_wired,
        )
    )


def _login_fault(subject: Subject, finding: Finding) -> Fault:
    fault = _fault(finding)
    if "is empty" in fault.what or "misses client_id" in fault.what:
        return Fault(fault.what, f"{fault.fix}; {_FOR_ALBUMS.format(stack=subject.stack_name)}")
    return fault


def _fix(findings: list[Finding]) -> str:
    return findings[0].fix


def _fault(finding: Finding) -> Fault:
    return Fault(f"{finding.check}: {finding.what}", finding.fix)

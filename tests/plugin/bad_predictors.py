"""Predictors that misbehave on demand, importable in a process of their own, and questions to ask them."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from plugin.contract import Abstention, Contribution, ModelCard, Need, Probability, Request, Score
from plugin.records import Episode

DAY: Final = dt.date(2026, 6, 1)
CLINICIAN: Final = "k-77"


def request(number: int = 0, do: str = "", **changed: Any) -> Request:
    """Return a question about a client; ``do`` is what the predictor shall do when it is asked."""
    told = {
        "episode_id": f"episode-{number}",
        "client_id": f"client-{number}",
        "clinician_id": CLINICIAN,
        "setting": "outpatient",
        "intake_date": dt.date(2026, 1, 5),
        "planned_units": 200,
        "units_attended": number,
        "covariates": {"do": do},
    }
    return Request(Episode(**(told | changed)), DAY)


def good_score(number: int) -> Score:
    """Return the answer to question ``number`` where nothing goes wrong, so that answers cannot be mixed up unseen."""
    risk = number / 1000
    return Score(
        risk_next_unit=Probability(risk, risk / 2, 0.5),
        risk_before_completion=Probability(risk + 0.1, risk / 2, 0.9),
        expected_units_remaining=1.5,
        weakest_component="bond",
        contributions=(Contribution("bond", 0.3, "bond rated low"),),
    )


@dataclass(frozen=True)
class Obedient:
    """Scores a question by its units attended, or does what its covariate ``do`` says."""

    name: str = "obedient"
    version: str = "1"
    api_version: tuple[int, int] = (1, 0)
    needs: tuple[Need, ...] = (Need("covariate", ("do",)),)
    horizon: str = "leaving"
    local_record: None = None

    def card(self) -> ModelCard:
        """Return a model card."""
        return ModelCard("tests", "care", "nothing", "nothing", "none", ("all",), "1", "2026-06-01")

    def predict(self, requests: Sequence[Request]) -> Any:
        """Return answers, or not."""
        answers = []
        for asked in requests:
            do = str(asked.episode.covariates.get("do", ""))
            if do == "no sequence":
                return iter(answers)
            if do == "text for all":
                return "x" * len(requests)
            if do != "one too few":
                answers.append(DEEDS[do](asked) if do else good_score(asked.episode.units_attended))
            if do == "one too many":
                answers.append(good_score(1))
        return answers


class Liar:
    """Calls itself a score."""

    @property
    def __class__(self) -> type:
        """Lie."""
        return Score


class Trap:
    """Raises when somebody asks what it is."""

    @property
    def __class__(self) -> type:
        """Raise."""
        raise ZeroDivisionError


class TwoFaced(str):
    """Text that shows something else when it is made text again or cut."""

    def __str__(self) -> str:
        """Show what may not be shown."""
        return "client-1 of Dr Roe"

    def __getitem__(self, _: Any) -> str:
        """Show it as well."""
        return str(self)


def raises(asked: Request) -> Any:
    """Raise with everything that was known in the message."""
    raise ValueError(repr(asked))


def exits(_: Request) -> Any:
    """End the interpreter."""
    sys.exit("client-1")


def vanishes(_: Request) -> Any:
    """End the process without a word."""
    os._exit(3)


def kills_itself(_: Request) -> Any:
    """End the process as the system does for want of memory."""
    os.kill(os.getpid(), signal.SIGKILL)


def hangs(_: Request) -> Any:
    """Never answer, and do not listen to polite signals."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(60.0)


def prints(asked: Request) -> Any:
    """Print more than a pipe holds, by every way there is, close what can be closed, and answer."""
    sys.stdout.write("client-1 " * 100_000)
    sys.stdout.flush()
    sys.stderr.write("client-1 " * 100_000)
    os.write(1, b"client-1 " * 100_000)
    os.system("echo client-1")  # noqa: S605 - a child prints too
    sys.stdin.read()
    sys.stdout.close()
    return good_score(asked.episode.units_attended)


def looks_around(_: Request) -> Any:
    """Return what it sees of the server's settings."""
    return Abstention(" ".join(sorted(name for name in os.environ if name.startswith("RAPPORT_"))) or "nothing")


def has_a_child(asked: Request) -> Any:
    """Start a process that would outlive this one, and say which."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
    return score(contributions=(Contribution("child", child.pid, "the child"),))(asked)


def score(**changed: Any) -> Callable[[Request], Any]:
    """Return what makes a score with something wrong in it."""
    told = {name: getattr(good_score(1), name) for name in Score.__dataclass_fields__} | changed
    return lambda _: Score(**told)


DEEDS: Final[dict[str, Callable[[Request], Any]]] = {
    "raise": raises,
    "exit": exits,
    "vanish": vanishes,
    "kill": kills_itself,
    "hang": hangs,
    "print": prints,
    "child": has_a_child,
    "look": looks_around,
    "nothing": lambda _: None,
    "text": lambda _: "failed",
    "lie": lambda _: Liar(),
    "trap": lambda _: Trap(),
    "nan": score(risk_next_unit=Probability(float("nan"), 0.0, 1.0)),
    "endless": score(expected_units_remaining=10**400),
    "shorter is likelier": score(risk_next_unit=Probability(0.8, 0.1, 0.9)),
    "objects inside": score(risk_next_unit=Liar(), contributions=(object(),)),
    "two-faced": lambda _: Abstention(TwoFaced("no data")),
    "names the clinician": lambda asked: Abstention(f"{asked.episode.clinician_id} has no data"),
    "names a column after the clinician": lambda asked: score(
        contributions=(Contribution(f"clinician_{asked.episode.clinician_id}", 0.1, "the clinician"),)
    )(asked),
    "abstain": lambda _: Abstention("too little is known"),
    "pid": lambda asked: score(contributions=(Contribution("process", os.getpid(), "the process"),))(asked),
}


def dies_at_start() -> Obedient:
    """End the process instead of opening."""
    os._exit(3)


def raises_at_start() -> Obedient:
    """Raise instead of opening."""
    raise LookupError("secret")


def opened(_: str) -> Obedient:
    """Open by name."""
    return Obedient()


def is_there(process: int) -> bool:
    """Return whether there is a process of that id, running or not yet waited for."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def ends(process: int) -> bool:
    """Return whether a process, that is no child of this one, ends within some seconds."""
    for _ in range(200):
        status = Path(f"/proc/{process}/status")
        if not is_there(process) or (status.exists() and "State:\tZ" in status.read_text()):
            return True
        time.sleep(0.05)
    return False

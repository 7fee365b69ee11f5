"""What an audit found, and whether it holds."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from autograder.audit.cases import Case, Kind
from autograder.audit.examine import Examined
from autograder.audit.leaks import Leak
from autograder.audit.margins import Margin, margins
from autograder.pages.lookalikes import VARIES
from autograder.verdict import Status, Verdict

SCHEMA = 1


@dataclass(frozen=True)
class Problem:
    """Something that does not hold. `part`: the row of the table that it belongs to; `case`: whose it is, or ""."""

    part: str
    case: str
    what: str

    @property
    def sentence(self) -> str:
        return f"{self.case}: {self.what}" if self.case else self.what


@dataclass
class Audit:
    """`exercise` is the only one that was audited, or None. `checks` are all checks, as "exercise::check"."""

    assignment: str
    exercise: str | None
    seeds: Sequence[int]
    threads: Sequence[int]
    checks: Sequence[str]
    cases: Sequence[Case]
    kept: Mapping[str, Mapping[str, str]]  # the patterns of the last audit
    mistakes: Collection[str] = ()  # the names of all known mistakes, also of those that were left out
    leaks: list[Leak] = field(default_factory=list)  # of the release, titles and hints
    examined: dict[tuple[Kind, str], list[Examined]] = field(default_factory=dict)
    seconds: float = 0.0

    def note(self, one: Examined) -> None:
        self.examined.setdefault((one.case.kind, one.case.name), []).append(one)

    def of(self, *kinds: Kind) -> list[Case]:
        return [case for case in self.cases if case.kind in kinds]

    def found(self, case: Case) -> list[Examined]:
        return self.examined.get((case.kind, case.name), [])

    def failed(self, case: Case) -> dict[str, Verdict]:
        """The checks that the case did not pass, with the first seed."""
        return {
            seen.check: seen.verdict
            for one in self.found(case)[:1]
            for seen in next(iter(one.seen.values()), ())
            if seen.verdict is not Verdict.passed and self._counts(seen.check)
        }

    @cached_property
    def margins(self) -> list[Margin]:
        return margins(one for case in self.cases for one in self.found(case))

    @cached_property
    def patterns(self) -> dict[str, dict[str, str]]:
        """The failed checks of each misconception, as they are kept for the reports."""
        return {
            case.name: {
                **{check: str(verdict) for check, verdict in self.failed(case).items()},
                **dict.fromkeys(filter(self._counts, case.varies), VARIES),
            }
            for case in self.of(Kind.misconception)
        }

    @property
    def present(self) -> dict[str, dict[str, str]]:
        """The patterns as they should be kept: those that stand, with what this audit has seen in their place."""
        if self.exercise is None:
            return self.patterns
        known = {
            name: {
                check: verdict
                for check, verdict in pattern.items()
                if name not in self.patterns or not self._counts(check)
            }
            for name, pattern in self.kept.items()
            if name in self.mistakes
        }
        return {
            name: {**known.get(name, {}), **self.patterns.get(name, {})} for name in known.keys() | self.patterns.keys()
        }

    @cached_property
    def problems(self) -> list[Problem]:
        return [
            *self._ungraded(),
            *self._refused(),
            *self._missed(),
            *self._survivors(),
            *self._narrow(),
            *self._leaked(),
            *self._unstable(),
            *self._stale(),
            *self._idle(),
        ]

    def verdicts(self, case: Case) -> dict[str, dict[tuple[int, int], Verdict]]:
        """Of each check that counts, all verdicts by (seed, thread count)."""
        found: dict[str, dict[tuple[int, int], Verdict]] = {}
        for one in self.found(case):
            for seed, seen in one.seen.items():
                for told in seen:
                    if self._counts(told.check):
                        found.setdefault(told.check, {})[seed, one.threads] = told.verdict
        return found

    def unstable(self) -> Iterator[tuple[Case, str, dict[tuple[int, int], Verdict]]]:
        """(case, check, verdicts) of each check that did not always end alike, though it should.

        With the same seed it always should. With other seeds, it need not where the case says so. A mutant only has to
        fail, by whichever check.
        """
        for case in (case for case in self.cases if case.kind is not Kind.mutant):
            for check, ended in self.verdicts(case).items():
                by_seed: dict[int, set[Verdict]] = {}
                for (seed, _), verdict in ended.items():
                    by_seed.setdefault(seed, set()).add(verdict)
                if any(len(verdicts) > 1 for verdicts in by_seed.values()) or (
                    check not in case.varies and len(set(ended.values())) > 1
                ):
                    yield case, check, ended

    def _counts(self, check: str) -> bool:
        return self.exercise is None or check.startswith(f"{self.exercise}::")

    def _ungraded(self) -> Iterator[Problem]:
        for case in self.cases:
            part = {Kind.misconception: "mistakes", Kind.mutant: "mutants"}.get(case.kind, "right answers")
            for reason in sorted(
                {f"{one.status}: {one.reason}" for one in self.found(case) if one.status is not Status.graded}
            ):
                yield Problem(part, case.name, f"not graded, {reason}")

    def _refused(self) -> Iterator[Problem]:
        for case in (case for case in self.cases if case.right):
            for one in self.found(case):
                lost = [
                    f"{seen.check} ({seen.verdict}, seed {seed}, threads {one.threads})"
                    for seed, all_seen in one.seen.items()
                    for seen in all_seen
                    if seen.verdict is not Verdict.passed and self._counts(seen.check)
                ]
                if lost:
                    yield Problem("right answers", case.name, f"is right, but fails {lost[0]}{_more(lost)}")

    def _missed(self) -> Iterator[Problem]:
        for case in self.of(Kind.misconception):
            wanted = case.costs if self.exercise is None else case.costs & {self.exercise}
            for one in self.found(case):
                for seed, everywhere in one.lost.items():
                    lost = everywhere if self.exercise is None else everywhere & {self.exercise}
                    if lost != wanted:
                        spared, hit = (", ".join(sorted(names)) for names in (wanted - lost, lost - wanted))
                        what = "; ".join(
                            [
                                *([f"costs nothing in {spared}"] if spared else []),
                                *([f"costs points in {hit}, which it should not"] if hit else []),
                            ]
                        )
                        yield Problem("mistakes", case.name, f"{what} (seed {seed}, threads {one.threads})")
                        break

    def _survivors(self) -> Iterator[Problem]:
        for case in self.of(Kind.mutant):
            survived = [seed for one in self.found(case) for seed, lost in one.lost.items() if not lost]
            if survived:
                yield Problem(
                    "mutants", case.name, f"survives (made by {case.sentence}, seed {survived[0]}{_more(survived)})"
                )

    def _narrow(self) -> Iterator[Problem]:
        for margin in self.margins:
            if not margin.holds:
                yield Problem(
                    "margins",
                    margin.tolerance,
                    f"a factor of only {margin.factor:.2g} between the worst right answer "
                    f"({margin.worst_right:.2g}: {margin.right}) and the best wrong one "
                    f"({margin.best_wrong:.2g}: {margin.wrong})",
                )

    def _leaked(self) -> Iterator[Problem]:
        for leak in self.leaks:
            yield Problem("leaks", "", f"{leak.where} shows {leak.what}")
        for case in self.cases:
            for leak in sorted({leak for one in self.found(case) for leak in one.leaks}, key=str):
                yield Problem("leaks", case.name, f"{leak.where} shows {leak.what}")

    def _unstable(self) -> Iterator[Problem]:
        for case, check, ended in self.unstable():
            usual = next(iter(ended.values()))
            other = [
                f"{verdict} with seed {seed}, threads {threads}"
                for (seed, threads), verdict in ended.items()
                if verdict != usual
            ]
            yield Problem("stability", case.name, f"{check} is {usual}, but {other[0]}{_more(other)}")

    @cached_property
    def idle(self) -> list[str]:
        """The checks that no mistake and no mutant fails: nothing shows that they test anything."""
        failed = {
            check
            for case in self.of(Kind.misconception, Kind.mutant)
            for one in self.found(case)
            for seen in one.seen.values()
            for check in (told.check for told in seen if told.verdict is not Verdict.passed)
        }
        return [check for check in self.checks if self._counts(check) and check not in failed]

    def _idle(self) -> Iterator[Problem]:
        for check in self.idle:
            yield Problem("checks", check, "no mistake and no mutant fails it")

    def _stale(self) -> Iterator[Problem]:
        if not self.kept:
            return  # none have ever been asked for
        present = self.present
        stale = sorted(name for name in present.keys() | self.kept.keys() if present.get(name) != self.kept.get(name))
        if stale:
            only = f" --exercise {self.exercise}" if self.exercise else ""
            yield Problem(
                "patterns",
                "",
                f"The patterns kept of {stale[0]}{_more(stale)} are not the present ones: "
                f"run “autograder audit {self.assignment}{only} --renew-patterns”.",
            )

    def to_data(self) -> dict[str, Any]:
        """The whole audit, as JSON can hold it."""
        return {
            "schema": SCHEMA,
            "assignment": self.assignment,
            "exercise": self.exercise,
            "holds": not self.problems,
            "seeds": list(self.seeds),
            "threads": list(self.threads),
            "seconds": round(self.seconds, 1),
            "problems": [{"part": one.part, "case": one.case, "what": one.what} for one in self.problems],
            "checks": list(self.checks),
            "cases": [
                {
                    "kind": case.kind,
                    "name": case.name,
                    "sentence": case.sentence,
                    "costs": sorted(case.costs),
                    "failed": self.failed(case),
                    "gradings": sum(len(one.seen) for one in self.found(case)),
                }
                for case in self.cases
            ],
            "margins": [
                {
                    "tolerance": margin.tolerance,
                    "worst_right": margin.worst_right,
                    "right": margin.right,
                    "best_wrong": _finite(margin.best_wrong),
                    "wrong": margin.wrong,
                    "factor": _finite(margin.factor),
                    "holds": margin.holds,
                }
                for margin in self.margins
            ],
        }


def _finite(number: float) -> float | None:
    """JSON knows no infinity: nothing was found on the other side."""
    return number if math.isfinite(number) else None


def _more(things: Sequence[object]) -> str:
    return f" and {len(things) - 1} more" if len(things) > 1 else ""

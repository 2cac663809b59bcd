#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Kills the acoustic example with SIGKILL at random moments, resumes it until it is done, and compares its gradient,
bit by bit, with that of an undisturbed run. After every kill each file is opened by h5py and by cairn inspect --verify.

The moments are spread over what is left of a run; a third of them is in the first milliseconds of a resumed process.
A kill has passed if all files were whole after it and the run that it was in ended with the right gradient. With
--signals one half of the processes is sent SIGTERM or SIGUSR1 first, so that they stop in time, and a half of these
SIGKILL some milliseconds later: then a process that had time went on exactly where it said.
Exit code: 0 where all have passed, 1 where one has failed (its folder stays), 2 for a wrong command line.
"""
import argparse
import collections
import json
import os
import random
import re
import shutil
import signal
import sys
import tempfile

import lives

EARLY_SECONDS = 0.02     # in which a resumed process finds where to go on
EARLY_SHARE = 1 / 3
FORWARD_SHARE = 3 / 4    # of the first kills of a run, in the forward sweep for certain
SEED_SHARE = 1 / 8       # of the kills before, at the moment when the seed has run
SEED = ("seed", 0)       # as lives.py names it
MOST_KILLS = 6           # of one run; then it may end, and the next one begins
GRACE_SECONDS = 0.01     # the most that a batch system in a hurry leaves between its signal and SIGKILL
RUN = """
resume: true
keep_every: {keep_every}
"""
RAM = "{kind: ram, capacity: 5 slots}"
SHARED = "{kind: ram, shared: true, name: NAME, capacity: 5 slots}"
CONFIGURATIONS = {  # in the order of their turns: a few kills do not reach the last
    "multistage": f"schedule: multistage\ntiers: [{RAM}, {{kind: hdf5, path: run.h5, capacity: 20 slots}}]\n",
    "overlap": f"schedule: overlap\ntiers: [{RAM}, {{kind: hdf5, path: run.h5, capacity: 40 slots}}]\n",
    "shared memory alone": f"schedule: revolve\ntiers: [{SHARED.replace('5 slots', '40 slots')}]\n",
    "auto on three tiers": f"schedule: auto\ntiers: [{RAM}, {{kind: mmap, path: run.map, capacity: 8 slots}}, "
                           "{kind: hdf5, path: run.h5, capacity: 40 slots}]\n",
    "auto in shared memory": f"schedule: auto\ntiers: [{SHARED}, {{kind: hdf5, path: run.h5, capacity: 40 slots}}]\n",
    "hrevolve, sequential": f"schedule: hrevolve\nexecutor: sequential\ntiers: [{RAM}, {{kind: mmap, path: run.map, "
                            "capacity: 8 slots}, {kind: hdf5, path: run.h5, capacity: 20 slots}]\n",
}
# Beside the Marmousi model's size: what is lost of RAM's snapshots is little against what the file has.
REST = """
schedule: multistage
costs: {advance: auto, turn: auto}
tiers: [{kind: ram, capacity: 11 slots}, {kind: hdf5, path: run.h5, capacity: 100 slots}]
"""


def options():
    parser = argparse.ArgumentParser(prog="./dev crash", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--acoustic", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--cairn", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--kills", type=int, default=200, metavar="N", help="how many [200]")
    parser.add_argument("--config", metavar="FILE",
                        help="a YAML file in place of the built-in ones, with relative paths; resume and keep_every "
                             "are added")
    parser.add_argument("--seed", type=int, metavar="S", help="of the moments [another one each time; printed]")
    parser.add_argument("--steps", type=int, help="time steps [1500; with --rest 2000]")
    parser.add_argument("--shape", help="cells of the model [301,151; with --rest 1601,401]")
    parser.add_argument("--velocity", metavar="FILE", help="a model of yours, as acoustic --velocity, at 7.5 m")
    parser.add_argument("--keep-every", help="[10 ms; with --rest 0.2 s]")
    parser.add_argument("--folder", help="where the runs' folders are made [a temporary one]")
    parser.add_argument("--signals", action="store_true", help="also SIGTERM and SIGUSR1, by which a run stops in time")
    parser.add_argument("--rest", action="store_true",
                        help="one kill in the middle of the reverse sweep at Marmousi's size: how many steps does the "
                             "resumed run do against what was left?")
    chosen = parser.parse_args()
    chosen.seed = random.SystemRandom().randrange(10**6) if chosen.seed is None else chosen.seed
    chosen.steps = chosen.steps or (2000 if chosen.rest else 1500)
    chosen.shape = chosen.shape or ("1601,401" if chosen.rest else "301,151")
    chosen.keep_every = chosen.keep_every or ("0.2 s" if chosen.rest else "10 ms")
    for name in ("acoustic", "cairn", "velocity", "config"):
        if getattr(chosen, name):
            setattr(chosen, name, os.path.abspath(getattr(chosen, name)))
    return chosen


class Runs:
    """Folders with a configuration, and the example's processes in them."""

    def __init__(self, chosen):
        self.chosen = chosen
        self.root = tempfile.mkdtemp(prefix="cairn-crash-", dir=chosen.folder)

    def configurations(self):
        if not self.chosen.config:
            return {"multistage": REST} if self.chosen.rest else CONFIGURATIONS
        with open(self.chosen.config, encoding="utf-8") as file:
            text = re.sub(r"^(resume|overwrite|keep_every):.*\n", "", file.read(), flags=re.MULTILINE)
        return {os.path.basename(self.chosen.config): text}

    def folder(self, name, text):
        folder = os.path.join(self.root, name)
        os.makedirs(folder)
        for path in re.findall(r"\bpath: *([^\s,}]+)", text):
            os.makedirs(os.path.join(folder, os.path.dirname(path)), exist_ok=True)
        with open(os.path.join(folder, "run.yaml"), "w", encoding="utf-8") as file:
            file.write(text.replace("NAME", lives.memory_name(folder)) + RUN.format(keep_every=self.chosen.keep_every))
        return folder

    def life(self, folder):
        command = [self.chosen.acoustic, "--config", "run.yaml", "--trace", "--out", "out",
                   "--steps", str(self.chosen.steps), "--shape", self.chosen.shape, "--spacing", "7.5"]
        if self.chosen.velocity:
            command += ["--velocity", self.chosen.velocity]
        return lives.Life(command, folder)

    def undisturbed(self, name, text):
        folder = self.folder("undisturbed-" + re.sub(r"\W+", "-", name), text)
        life = self.life(folder)
        life.live()
        if life.process.returncode != 0:
            sys.exit(f"crash: the undisturbed run fails ({name}):\n" + "\n".join(life.other[-5:]))
        gradient = gradient_of(folder)
        return life, gradient, folder


def gradient_of(folder):
    with open(os.path.join(folder, "out", "gradient.h5"), "rb") as file:
        return file.read()


class Undisturbed:
    """When an undisturbed run has come how far."""

    def __init__(self, life, gradient):
        self.gradient = gradient
        self.count = life.count()
        self.seconds = life.events[-1][0]
        self.when = {event: seconds for seconds, event in life.events}

    def left(self, furthest):
        return self.seconds - self.when.get(furthest, 0)


def rank(position):
    """Forward steps ascend, those of the reverse sweep come after them and descend."""
    return (0, position[1]) if position[0] == "forward" else (1, -position[1])


class Crash:
    def __init__(self, chosen):
        self.chosen = chosen
        self.runs = Runs(chosen)
        self.random = random.Random(chosen.seed)
        self.passed = self.failed = self.steps = self.undisturbed_steps = 0
        self.where = collections.Counter()
        self.writing = self.back = self.stops = 0
        self.problems = []

    def moment(self, undisturbed, furthest, resumed):
        if resumed and self.random.random() < EARLY_SHARE:
            return self.random.uniform(0, EARLY_SECONDS)
        if not resumed and self.random.random() < FORWARD_SHARE:
            return self.random.uniform(0, undisturbed.when[SEED])
        return self.random.uniform(0, undisturbed.left(furthest))

    def signals(self):
        """What ends the next process: signals, and seconds between them."""
        if not self.chosen.signals or self.random.random() < 1 / 2:
            return [signal.SIGKILL]
        first = self.random.choice([signal.SIGTERM, signal.SIGUSR1])
        if self.random.random() < 1 / 2:
            return [first]
        return [first, self.random.uniform(0, GRACE_SECONDS), signal.SIGKILL]

    def kill(self, life, undisturbed, furthest, resumed):
        """True: it was killed, or stopped; False: it had ended."""
        before_seed = furthest is None or furthest[0] == "step"
        if before_seed and self.random.random() < SEED_SHARE:
            return life.send_at(SEED, *self.signals())
        return life.send_after(self.moment(undisturbed, furthest, resumed), *self.signals())

    def check_stop(self, stopped, life):
        """Does the next process go on exactly where the one before said that it stopped?"""
        if stopped is None or life.resumed in (None, stopped):  # None: killed before it had looked
            return []
        return [f"stopped in the {stopped[0]} sweep at step {stopped[1]}, resumed in the {life.resumed[0]} sweep at step "
                f"{life.resumed[1]}"]

    def look_at_files(self, folder):
        found = []
        for path in lives.tier_files(folder, ".h5"):
            problems, writing = lives.examine(path)
            found += problems
            self.writing += writing > 0
        for path in lives.tier_files(folder) + lives.memory_of(folder):
            found += lives.inspect(self.chosen.cairn, path)
        return found

    def note(self, life, kills):
        place = life.phase
        if place == "beginning":
            place = "resume" if kills else "start"
        self.where[place] += 1

    def one_run(self, number, name, text, undisturbed):
        """Kills one run until it ends; the kills are counted as passed or failed."""
        folder = self.runs.folder(f"run-{number}", text)
        problems, kills, furthest, committed, stopped = [], 0, None, None, None
        while not problems:
            life = self.runs.life(folder)
            wanted = self.passed + self.failed + kills < self.chosen.kills and kills < MOST_KILLS
            killed = self.kill(life, undisturbed, furthest, kills) if wanted else life.live()
            self.steps += life.count()
            if committed and life.resumed and rank(life.resumed) < rank(committed):
                self.back += 1
            problems += self.check_stop(stopped, life)
            if not killed:
                problems += [f"{path} is left behind" for path in lives.memory_of(folder)]
                break
            kills += 1
            stopped = life.stopped_at()
            self.stops += stopped is not None
            self.note(life, kills - 1)
            furthest = life.furthest or furthest
            problems += self.look_at_files(folder)
            committed = lives.committed_in(folder)
        if not problems and life.process.returncode != 0:
            problems.append("the resumed run failed:\n" + "\n".join(life.other[-5:]))
        if not problems and gradient_of(folder) != undisturbed.gradient:
            problems.append("the gradient differs")
        self.undisturbed_steps += undisturbed.count
        self.conclude(number, name, kills, problems, folder)

    def conclude(self, number, name, kills, problems, folder):
        if problems:
            self.failed += max(kills, 1)
            told = "\n  ".join(problems)
            print(f"run {number} ({name}) FAILED after {kills} kills, see {folder}:\n  {told}", flush=True)
            return
        self.passed += kills
        shutil.rmtree(folder)
        print(f"run {number} ({name}): {kills} kills, the same gradient; {self.passed} of {self.chosen.kills}",
              flush=True)

    def carry_out(self):
        configurations = list(self.runs.configurations().items())
        undisturbed, number = {}, 0
        print(f"crash: seed {self.chosen.seed}, in {self.runs.root}", flush=True)
        while self.passed + self.failed < self.chosen.kills:
            name, text = configurations[number % len(configurations)]
            if name not in undisturbed:
                life, gradient, folder = self.runs.undisturbed(name, text)
                shutil.rmtree(folder)
                undisturbed[name] = Undisturbed(life, gradient)
            number += 1
            self.one_run(number, name, text, undisturbed[name])
        return self.tell()

    def tell(self):
        names = {"start": "before the first step", "forward": "in the forward sweep",
                 "seed": "between seed and first turn", "reverse": "in the reverse sweep", "resume": "in resume"}
        print("kills: " + ", ".join(f"{self.where[place]} {text}" for place, text in names.items() if self.where[place])
              + f"; {self.writing} files with a save under way; "
              f"{self.back} times more was lost than since the last commit")
        if self.chosen.signals:
            print(f"{self.stops} of them stopped in time")
        print(f"steps and turns: {self.steps}, undisturbed {self.undisturbed_steps}: "
              f"{self.steps / max(self.undisturbed_steps, 1):.2f} times as many")
        print(f"{self.passed} passed, {self.failed} failed")
        if self.failed:
            print(f"repeat it by  ./dev crash --kills {self.chosen.kills} --seed {self.chosen.seed}"
                  + (" --signals" if self.chosen.signals else "")
                  + (f" --config {self.chosen.config}" if self.chosen.config else ""))
            return 1
        shutil.rmtree(self.runs.root)
        return 0


def rest(chosen):
    """Killed in the middle of the reverse sweep: what is done again?"""
    runs = Runs(chosen)
    name, text = next(iter(runs.configurations().items()))
    whole, gradient, _ = runs.undisturbed(name, text)
    folder = runs.folder("killed", text)
    first = runs.life(folder)
    first.send_at(("turn", chosen.steps // 2), signal.SIGKILL)
    second = runs.life(folder)
    second.live()
    with open(os.path.join(folder, "out", "report.json"), encoding="utf-8") as file:
        report = json.load(file)
    left = whole.count() - first.count()
    done = report["advances"] + report["turns"]
    more = done / left - 1
    print(f"undisturbed:  {whole.steps} steps, {whole.turns} turns, {whole.events[-1][0]:.1f} s")
    print(f"killed:       after {first.steps} steps, {first.turns} turns (turn {first.furthest[1]}); {left} were left")
    print(f"resumed:      at step {second.resumed[1]} of the {second.resumed[0]} sweep: {report['advances']} steps, "
          f"{report['turns']} turns by report.json ({second.count()} by its trace): {100 * more:+.2f} %")
    same = gradient_of(folder) == gradient
    print("the gradient is " + ("the same, bit by bit" if same else "NOT THE SAME"))
    shutil.rmtree(runs.root)
    return 0 if same and more <= .05 else 1


if __name__ == "__main__":
    given = options()
    sys.exit(rest(given) if given.rest else Crash(given).carry_out())

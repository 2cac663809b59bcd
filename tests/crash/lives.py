# SPDX-License-Identifier: BSD-3-Clause
"""Processes of the acoustic example that are killed, and what their files say afterwards."""
import os
import re
import subprocess
import threading
import time

import h5py
import numpy

DATA_THERE = "the data are there"  # what the example says once cairn is to begin
MAGIC = int.from_bytes(b"cairnrow", "little")
VALID, WRITING = 2, 1              # status in a ledger row
STOPPED = 75                       # exit code of a run that a signal or stop_after has stopped in time


class Life:
    """One process, from its start to its end; its trace is read while it runs."""

    def __init__(self, command, folder, pipesize=-1):
        self.steps = self.turns = 0          # run by this process
        self.new_steps = 0                   # of these, not run before
        self.phase = "beginning"             # forward, seed, reverse: of the last thing done
        self.furthest = None                 # last event: ("step", t) or ("turn", t)
        self.resumed = None                  # ("forward" | "reverse", step)
        self.events = []                     # (seconds since the data were there, event)
        self.other = []                      # lines for people
        self.said = ""                       # its standard output
        self.data_there = threading.Event()
        self.signals_at = {}                 # event: what is sent once it has happened, before its trace is read on
        self.process = subprocess.Popen(command, cwd=folder, text=True, stderr=subprocess.PIPE,
                                        stdout=subprocess.PIPE, pipesize=pipesize)
        self.reader = threading.Thread(target=self.read)

    def read(self):
        for line in self.process.stderr:
            self.note(line.split(), line)
        self.data_there.set()

    def note(self, words, line):
        if line.startswith(DATA_THERE):
            self.began = time.monotonic()
            self.data_there.set()
        elif words and words[0] == "step":
            self.steps += 1
            if len(words) == 2:
                self.new_steps += 1
                self.happened("forward", ("step", int(words[1])))
            elif self.phase in ("seed", "beginning"):
                self.phase = "reverse"       # recomputation for the first turn
        elif words and words[0] == "turn":
            self.turns += 1
            self.happened("reverse", ("turn", int(words[1])))
        elif words and words[0] == "seed":
            self.happened("seed", ("seed", 0))
        else:
            self.other.append(line.rstrip())
            found = re.search(r"resumed in the (\w+) sweep at step (\d+)", line)
            if found:
                self.resumed = (found[1], int(found[2]))

    def happened(self, phase, event):
        self.phase = phase
        self.furthest = event
        self.events.append((time.monotonic() - self.began, event))
        self.send(self.signals_at.get(event, ()))

    def start(self):
        self.reader.start()
        self.data_there.wait()

    def send_after(self, seconds, *signals):
        """True: they ended it, or it stopped; False: it had ended before."""
        self.start()
        try:
            self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.send(signals)
        return self.end()

    def send_at(self, event, *signals):
        """The same, soon after the event: by then the process may be ahead by as many lines as the pipe takes."""
        self.signals_at[event] = signals
        return self.live()

    def send(self, signals):
        """Signals, and seconds to wait between them."""
        for each in signals:
            if isinstance(each, float):
                time.sleep(each)
            else:
                self.process.send_signal(each)

    def live(self):
        self.start()
        return self.end()

    def end(self):
        self.reader.join()
        self.said = self.process.stdout.read()  # some lines, at its end
        self.process.wait()
        self.process.stderr.close()
        self.process.stdout.close()
        return self.process.returncode == STOPPED or self.process.returncode < 0

    def stopped_at(self):
        """Where it says that it stopped, as `resumed`; None where it did not, or before the run had begun."""
        found = re.search(r"^stopped by \w+ in the (\w+) sweep at step (\d+)", self.said, re.MULTILINE)
        return (found[1], int(found[2])) if found and self.process.returncode == STOPPED else None

    def count(self):
        return self.steps + self.turns


def tier_files(folder, endings=(".h5", ".map")):
    """Those of the run and of what it keeps, wherever the configuration puts them; not the results."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "out"]
        found += [os.path.join(place, name) for name in names if name.endswith(endings)]
    return sorted(found)


def memory_name(folder):
    """Of the shared memory of the run in that folder, and of no other."""
    return os.path.basename(os.path.dirname(folder)) + "-" + os.path.basename(folder)


def memory_of(folder):
    """That shared memory, where there is any, and what is kept beside it."""
    paths = [f"/dev/shm/cairn.{memory_name(folder)}{ending}" for ending in ("", ".kept")]
    return [path for path in paths if os.path.exists(path)]


def position_of(kept):
    """Where the file of what is kept says that a later process will go on, at least: (phase, step) or None."""
    with h5py.File(kept, "r") as file:
        if file["run/end"][()]:
            return None
        group = file["checkpoints"]
        slots = [slot for slot, step in enumerate(group["step"][:]) if step >= 0]
        if not slots:
            return None
        latest = max(slots, key=lambda slot: group["ledger"][slot]["sequence"])
        return ("reverse" if group["cairn_reverse"][latest] else "forward", int(group["step"][latest]))


def examine(path):
    """Opens it as its owner would. Problems found, and the number of slots that were being written."""
    problems = []
    with h5py.File(path, "r") as file:
        group = file["checkpoints"]
        steps = group["step"][:]
        ledger = group["ledger"][:]
        fields = [name for name, values in group.items()
                  if name not in ("step", "ledger") and not h5py.h5ds.is_scale(values.id)]
        for slot in numpy.flatnonzero(steps >= 0):
            row = ledger[slot]
            if row["magic"] != MAGIC or row["status"] != VALID or row["step"] != steps[slot]:
                problems.append(f"{path}: slot {slot} is in use, its ledger row is not valid: {row}")
            problems += [f"{path}: slot {slot}, {name}: not finite" for name in fields
                         if not numpy.isfinite(group[name][slot]).all()]
        return problems, int((ledger["status"] == WRITING).sum())


def inspect(cairn, path):
    told = subprocess.run([cairn, "inspect", "--verify", path], capture_output=True, text=True)
    if told.returncode == 0:
        return []
    return [f"cairn inspect --verify {path}: exit {told.returncode}\n{told.stdout}{told.stderr}"]


def committed_in(folder):
    kept = tier_files(folder, ".kept.h5")
    return position_of(kept[0]) if kept else None

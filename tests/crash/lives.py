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


class Life:
    """One process, from its start to its end; its trace is read while it runs."""

    def __init__(self, command, folder):
        self.steps = self.turns = 0          # run by this process
        self.phase = "beginning"             # forward, seed, reverse: of the last thing done
        self.furthest = None                 # last event: ("step", t) or ("turn", t)
        self.resumed = None                  # ("forward" | "reverse", step)
        self.events = []                     # (seconds since the data were there, event)
        self.other = []                      # lines for people
        self.data_there = threading.Event()
        self.watched = {}                    # event: threading.Event, set once it has happened
        self.process = subprocess.Popen(command, cwd=folder, text=True, stderr=subprocess.PIPE,
                                        stdout=subprocess.DEVNULL)
        self.reader = threading.Thread(target=self.read)

    def read(self):
        for line in self.process.stderr:
            self.note(line.split(), line)
        self.data_there.set()
        for event in self.watched.values():
            event.set()

    def note(self, words, line):
        if line.startswith(DATA_THERE):
            self.began = time.monotonic()
            self.data_there.set()
        elif words and words[0] == "step":
            self.steps += 1
            if len(words) == 2:
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
        if event in self.watched:
            self.watched[event].set()

    def start(self):
        self.reader.start()
        self.data_there.wait()

    def kill_after(self, seconds):
        """True: it was killed; False: it had ended before."""
        self.start()
        try:
            self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
        return self.end()

    def kill_at(self, event):
        self.watched[event] = threading.Event()
        self.start()
        self.watched[event].wait()
        self.process.kill()
        return self.end()

    def live(self):
        self.start()
        return self.end()

    def end(self):
        self.process.wait()
        self.reader.join()
        self.process.stderr.close()
        return self.process.returncode == -9

    def count(self):
        return self.steps + self.turns


def tier_files(folder, endings=(".h5", ".map")):
    """Those of the run and of what it keeps, wherever the configuration puts them; not the results."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "out"]
        found += [os.path.join(place, name) for name in names if name.endswith(endings)]
    return sorted(found)


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

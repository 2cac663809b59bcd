#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The acoustic example under the signals that batch systems send: it stops, says where, and goes on to the same gradient.

Usage: signal_test.py ACOUSTIC [--steps N] [--shape X,Z] [unittest options]
"""
import argparse
import fcntl
import json
import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import termios
import time
import unittest

import lives

parser = argparse.ArgumentParser(add_help=False)
parser.add_argument("acoustic", type=pathlib.Path)
parser.add_argument("--steps", type=int, default=2000)  # more than a process can be ahead of the trace that is read
parser.add_argument("--shape", default="101,81")
ARGUMENTS, FOR_UNITTEST = parser.parse_known_args()
ACOUSTIC, STEPS = str(ARGUMENTS.acoustic.resolve()), ARGUMENTS.steps
SBATCH = pathlib.Path(__file__).resolve().parents[2] / "docs" / "examples" / "requeue.sbatch"
CONFIG = """schedule: {schedule}
executor: {executor}
keep_every: 10 ms
tiers: [{{kind: ram, capacity: 5 slots}}, {{kind: hdf5, path: run.h5, capacity: 20 slots}}]
"""
RAM = "schedule: revolve\ntiers: [{kind: ram, capacity: 5 slots}]\n"
TERM, USR1, USR2, INT = signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGINT


def command(*options, steps=STEPS):
    return [ACOUSTIC, "--config", "run.yaml", "--shape", ARGUMENTS.shape, "--spacing", "10", "--steps", str(steps),
            "--out", "out", "--trace", *options]


def signals_caught(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        return int(re.search(r"^SigCgt:\s*(\w+)", status.read(), re.MULTILINE)[1], 16)


def wait_until(holds):
    for _ in range(3000):
        if holds():
            return
        time.sleep(.01)
    raise AssertionError("it has not happened in half a minute")


def catches(pid, what):
    return bool(signals_caught(pid) >> (what - 1) & 1)


def stands_still(process):
    """It waits for somebody to read what it has written."""
    written = fcntl.ioctl(process.stderr, termios.FIONREAD, bytes(4))
    with open(f"/proc/{process.pid}/stat", encoding="utf-8") as stat_file:
        sleeps = stat_file.read().rpartition(")")[2].split()[0] == "S"
    return sleeps and int.from_bytes(written, sys.byteorder) > 4096 - 128  # less than a line is free


class Signals(unittest.TestCase):
    def setUp(self):
        self.folders = []

    def tearDown(self):
        for folder in self.folders:
            shutil.rmtree(folder)

    def folder(self, text):
        self.folders.append(tempfile.mkdtemp(prefix="cairn-signals-"))
        pathlib.Path(self.folders[-1], "run.yaml").write_text(text, encoding="utf-8")
        return self.folders[-1]

    def configuration(self, schedule="multistage", executor="asynchronous"):
        return CONFIG.format(schedule=schedule, executor=executor)

    def report(self, folder):
        return json.loads(pathlib.Path(folder, "out", "report.json").read_text(encoding="utf-8"))

    def life(self, folder, *options):
        return lives.Life(command(*options), folder, pipesize=4096)

    def lived(self, folder, *options):
        life = self.life(folder, *options)
        life.live()
        return life

    def gradient(self, folder):
        return pathlib.Path(folder, "out", "gradient.h5").read_bytes()

    def undisturbed(self, text):
        folder = self.folder(text)
        self.assertEqual(self.lived(folder).process.returncode, 0)
        return self.gradient(folder)

    def check_stop(self, life, folder, sweep, name):
        """The exit code, the line and the report; where it stopped."""
        self.assertEqual(life.process.returncode, lives.STOPPED, life.other)
        line = life.said.splitlines()[-1]
        found = re.fullmatch(rf"stopped by {name} in the (\w+) sweep at step (\d+) of {STEPS}; start it again with "
                             r"--resume, and it goes on there \(exit code 75\)", line)
        self.assertTrue(found, line)
        self.assertEqual(found[1], sweep)
        report = self.report(folder)
        self.assertEqual((report["stopped"], report["stopped_in_reverse"], report["stopped_at"]),
                         (True, sweep == "reverse", int(found[2])))
        self.assertIsNone(report["acoustic"]["gradient_hash"])
        self.assertFalse(os.path.exists(os.path.join(folder, "out", "gradient.h5")))
        return int(found[2])

    # The gradient of an undisturbed run, of a process that stopped at an event, and of the next one.
    def check_one(self, text, expected, event, *signals):
        folder = self.folder(text)
        first = self.life(folder, "--resume")
        first.send_at(event, *signals)
        sweep = "forward" if event[0] == "step" else "reverse"
        name = signals[0].name if len(signals) == 1 else f"(?:{'|'.join(each.name for each in signals)})"
        at = self.check_stop(first, folder, sweep, name)
        second = self.lived(folder, "--resume")
        self.assertEqual(second.process.returncode, 0, second.other)
        self.assertEqual(second.resumed, (sweep, at))
        self.assertEqual(first.new_steps + second.new_steps, STEPS, "each step runs once as a new one")
        self.assertEqual(first.turns + second.turns, STEPS)
        self.assertEqual(self.gradient(folder), expected)

    def test_it_stops_and_goes_on_to_the_same_gradient(self):
        some = ((TERM,), (TERM, USR1))
        every = (*some, (USR1,), (USR2,), (INT,), (USR1, USR1, INT))
        for schedule, executor, sent in (("multistage", "asynchronous", every), ("overlap", "asynchronous", some),
                                         ("hrevolve", "sequential", some)):
            text = self.configuration(schedule, executor)
            expected = self.undisturbed(text)
            for event in (("step", 40), ("turn", STEPS // 2)):
                for signals in sent:
                    with self.subTest(schedule=schedule, event=event, signals=signals):
                        self.check_one(text, expected, event, *signals)

    def test_the_second_interrupt_kills(self):
        folder = self.folder(self.configuration())
        with subprocess.Popen(command(), cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
                              pipesize=4096) as process:  # nobody reads: it stands still when the pipe is full
            wait_until(lambda: stands_still(process))
            self.assertTrue(catches(process.pid, INT))
            process.send_signal(INT)
            wait_until(lambda: not catches(process.pid, INT))
            self.assertIsNone(process.poll())
            process.send_signal(INT)
            self.assertEqual(process.wait(timeout=30), -INT)

    def test_a_signal_before_the_run_has_begun_changes_nothing(self):
        folder = self.folder(self.configuration())
        with subprocess.Popen(command(steps=50 * STEPS), cwd=folder, text=True, stderr=subprocess.DEVNULL,
                              stdout=subprocess.PIPE) as process:
            wait_until(lambda: catches(process.pid, TERM))
            process.send_signal(TERM)
            said, _ = process.communicate(timeout=600)
        self.assertEqual(process.returncode, lives.STOPPED)
        self.assertIn("stopped by SIGTERM before the run had begun: start it again", said)
        self.assertEqual(self.lived(folder, "--resume").process.returncode, 0)

    def test_stop_after_gives_the_same_code(self):
        text = self.configuration()
        folder = self.folder(text + "stop_after: 1 ms\n")
        at = self.check_stop(self.lived(folder, "--resume"), folder, "forward", "stop_after")
        again = self.check_stop(self.lived(folder, "--resume"), folder, "forward", "stop_after")
        self.assertGreater(again, at, "each start comes further")
        pathlib.Path(folder, "run.yaml").write_text(text, encoding="utf-8")
        self.assertEqual(self.lived(folder, "--resume").process.returncode, 0)
        self.assertEqual(self.gradient(folder), self.undisturbed(text))

    def test_a_stopped_run_is_not_lost_without_resume(self):
        folder = self.folder(self.configuration())
        self.life(folder).send_at(("step", 40), TERM)
        refused = self.lived(folder)
        self.assertEqual(refused.process.returncode, 1)
        self.assertRegex("\n".join(refused.other), "of a run that has not ended.*resume: true.*overwrite: true")
        anew = self.lived(folder, "--overwrite")
        self.assertEqual((anew.process.returncode, anew.resumed, anew.new_steps), (0, None, STEPS))

    def test_without_a_file_signals_kill_as_usual(self):
        life = self.life(self.folder(RAM))
        life.send_at(("step", 40), TERM)
        self.assertEqual(life.process.returncode, -TERM)

    def test_the_batch_script_puts_the_job_back_until_it_is_done(self):
        text = self.configuration()
        folder = pathlib.Path(self.folder(text))
        script = SBATCH.read_text(encoding="utf-8")
        self.assertIn("build/bin/acoustic --config run42.yaml --steps 100000 --out out/run42 --resume", script)
        script = re.sub(r"build/bin/acoustic .*(?= &)", " ".join(command("--resume")), script)
        (folder / "job").write_text(script, encoding="utf-8")
        scontrol = folder / "scontrol"
        scontrol.write_text('#!/bin/bash\necho "$@" >> requeued\n', encoding="utf-8")
        scontrol.chmod(scontrol.stat().st_mode | stat.S_IXUSR)
        environment = dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}", SLURM_JOB_ID="17")
        for what, code in ((USR1, lives.STOPPED), (TERM, lives.STOPPED), (None, 0)):
            with subprocess.Popen(["bash", "job"], cwd=folder, env=environment, text=True, stderr=subprocess.PIPE,
                                  stdout=subprocess.DEVNULL, pipesize=4096) as job:
                if what:
                    while not job.stderr.readline().startswith("step"):
                        pass
                    job.send_signal(what)
                job.stderr.read()
                self.assertEqual(job.wait(timeout=600), code)
        self.assertEqual((folder / "requeued").read_text(encoding="utf-8"), "requeue 17\n" * 2)
        self.assertEqual(self.gradient(folder), self.undisturbed(text))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *FOR_UNITTEST])

# SPDX-License-Identifier: BSD-3-Clause
"""Runs every measurement of cairn_bench on small sizes: each line is there, and its figures are numbers.

Usage: smoke_test.py CAIRN_BENCH

How fast anything is, is not looked at: a test that depends on the machine's mood tells nothing about the code.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = sys.argv.pop(1) if len(sys.argv) > 1 else ""
GROUPS = (  # as headings begin, and the lines of each
    ("ram tier, 5 MB", 8),
    ("ram tier, 64 MB", 8),
    ("hdf5 tier, 5 MB", 10),
    ("hdf5 tier, 64 MB", 10),
    ("hdf5 tier, 70 fields", 10),
    ("stencil on all cores beside writing", 7),
    ("schedules", 6),
    ("executors, revolve", 4),
    ("executors, multistage", 4),
)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=280, check=False)


class CairnBench(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory(prefix="cairn_bench_test.")
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def test_every_measurement_runs_and_gives_numbers(self) -> None:
        figures, page, files = self.folder / "figures.json", self.folder / "page.md", self.folder / "files"
        page.write_text("# A page\n<!-- figures -->\nold\n<!-- end of figures -->\nits end\n")
        done = run("--quick", "--rounds", "2", "--folder", str(files), "--json", str(figures), "--markdown", str(page))
        self.assertEqual(done.returncode, 0, done.stderr)
        result = json.loads(figures.read_text())
        for group, count in GROUPS:
            lines = [line for line in result["lines"] if line["group"].startswith(group)]
            self.assertEqual(len(lines), count, group)
            self.assertIn(f"\n{group}", done.stdout)
            self.assertIn(f"\n| {group}", page.read_text())
        self.assertEqual(len(result["lines"]), sum(count for _, count in GROUPS))
        for line in result["lines"]:
            with self.subTest(group=line["group"], what=line["ours"]["name"]):
                self.check_line(line)
        self.assertNotIn("\nold\n", page.read_text())
        self.assertEqual(list(files.iterdir()), [], "files that nobody removed")

    def check_line(self, line: dict) -> None:
        ratio = line["ratio"]
        for number in (*ratio.values(), line["ours"]["value"], line["baseline"]["value"]):
            self.assertTrue(isinstance(number, float) and math.isfinite(number) and number > 0, line)
        self.assertTrue(ratio["least"] <= ratio["median"] <= ratio["most"], line)
        for figure in (line["ours"], line["baseline"]):
            self.assertEqual("cpu_seconds_a_gb" in figure, line["group"].startswith("hdf5"), line)

    def test_a_filter_chooses_groups(self) -> None:
        done = run("--quick", "--rounds", "1", "--folder", str(self.folder / "files"), "--filter", "revolve,")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("\nexecutors, revolve", done.stdout)
        self.assertNotIn("ram tier", done.stdout)

    def test_a_filter_that_fits_nothing_is_an_error(self) -> None:
        done = run("--quick", "--folder", str(self.folder / "files"), "--filter", "no such thing")
        self.assertEqual(done.returncode, 1)
        self.assertIn('--filter: no group contains "no such thing"', done.stderr)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: BSD-3-Clause
"""Runs cairn_end_to_end on a small model: every way is there, all gradients are equal, figures are numbers.

Usage: end_to_end_test.py CAIRN_END_TO_END

How fast anything is, is not looked at: a test that depends on the machine's mood tells nothing about the code.
"""

from __future__ import annotations

import json
import math
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = sys.argv.pop(1) if len(sys.argv) > 1 else ""
WAYS = {  # and whether the asynchronous executor runs them
    "synchronous revolve": False,
    "revolve, all threads copy": True,
    "synchronous multistage": False,
    "synchronous hrevolve": False,
    "uniform asynchronous": True,
    "overlap": True,
    "overlap, checksums and keep": True,
    "auto": True,
    "store_all": True,
    "overlap over H5Dwrite": True,
}
SHARES = ("recomputed", "stall", "copy", "other")


def is_positive(number: object) -> bool:
    return isinstance(number, (int, float)) and math.isfinite(number) and number > 0


class CairnEndToEnd(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory(prefix="cairn_end_to_end_test.")
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.figures = self.folder / "figures.json"

    def run_it(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        fixed = ("--quick", "--folder", str(self.folder / "files"), "--json", str(self.figures))
        return subprocess.run(
            [PROGRAM, *fixed, *arguments], capture_output=True, text=True, timeout=280, check=False
        )

    def cases_of(self, *arguments: str) -> list[dict]:
        done = self.run_it(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(self.figures.read_text())["cases"]

    def check_case(self, case: dict) -> None:
        self.assertEqual({way["name"]: way["asynchronous"] for way in case["ways"]}, WAYS)
        self.assertTrue(case["gradients_equal"])
        self.assertNotEqual(int(case["gradient_hash"], 16), 0)
        for cost in ("step_seconds", "turn", "copy_out", "copy_in"):
            self.assertTrue(is_positive(case["measured"][cost]), cost)
        self.assertGreaterEqual(case["distance"], 1)
        for way in case["ways"]:
            with self.subTest(way=way["name"], buffers=case["buffers"]):
                self.check_way(way)

    def check_way(self, way: dict) -> None:
        ratio = way["ratio"]
        self.assertEqual(len(way["rounds"]), 2)
        for number in (way["seconds"], way["predicted_ratio"], *way["rounds"], *ratio.values()):
            self.assertTrue(is_positive(number), way)
        self.assertTrue(ratio["least"] <= ratio["median"] <= ratio["most"], way)
        for share in SHARES:
            self.assertGreaterEqual(way[share], 0, way)
        self.assertLessEqual(way["stall"] + way["copy"], 1, way)
        if way["name"] == "store_all":
            self.assertEqual(way["recomputed"], 0)
        if way["name"] == "synchronous revolve":
            self.assertEqual((ratio["median"], way["predicted_ratio"]), (1, 1))
            self.assertGreater(way["recomputed"], 0)

    def test_every_way_gives_the_same_gradient_in_each_size_of_ram(self) -> None:
        page = self.folder / "page.md"
        page.write_text("# A page\n<!-- figures -->\nmicro\n<!-- end of figures -->\nits end\n")
        cases = self.cases_of("--buffers", "3,10", "--markdown", str(page))
        self.assertEqual([case["buffers"] for case in cases], [3, 10])
        self.assertEqual(len({case["gradient_hash"] for case in cases}), 1)
        for case in cases:
            self.check_case(case)
        text = page.read_text()
        self.assertIn("\n<!-- figures -->\nmicro\n<!-- end of figures -->\nits end\n<!-- end to end -->\n", text)
        self.assertEqual(text.count("\n| overlap over H5Dwrite |"), 2)
        self.assertEqual(list((self.folder / "files").iterdir()), [], "files that nobody removed")

    def test_a_model_from_a_file_comes_beside_the_built_in_one(self) -> None:
        cells = 40 * 32
        model = self.folder / "slow.f32"
        model.write_bytes(struct.pack(f"<{cells}f", *(1.5 + (i % 32) / 32 for i in range(cells))))
        cases = self.cases_of(
            "--velocity", str(model), "--shape", "40,32", "--spacing", "12.5", "--filter", "overlap", "--verify", "never"
        )
        self.assertEqual([case["model"] for case in cases], ["built-in", "slow"])
        self.assertIn("40 x 32 cells", cases[1]["text"])
        self.assertNotEqual(cases[0]["gradient_hash"], cases[1]["gradient_hash"])
        for case in cases:
            names = [way["name"] for way in case["ways"]]
            self.assertEqual(names, ["synchronous revolve", "overlap", "overlap, checksums and keep", "overlap over H5Dwrite"])
            self.assertTrue(is_positive(case["safety"]["median"]))
            self.assertTrue(case["gradients_equal"])
            self.assertEqual(case["verify"], "never")

    def test_a_file_of_few_slots_is_used_as_it_is(self) -> None:
        (case,) = self.cases_of("--slots", "6", "--rounds", "2")
        self.assertEqual(case["slots"], 6)
        self.check_case(case)

    def test_a_model_needs_its_shape(self) -> None:
        done = self.run_it("--velocity", str(self.figures))
        self.assertEqual(done.returncode, 2)
        self.assertIn("--shape", done.stderr + done.stdout)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: BSD-3-Clause
"""The command line as users run it: golden text for what people read, keys for what programs read.

Usage: cli_test.py CAIRN WRITE_TIER_FILE [unittest options]
"""
import fcntl
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

CAIRN, WRITE_TIER_FILE = (str(pathlib.Path(program).resolve()) for program in sys.argv[1:3])
SOURCES = pathlib.Path(__file__).resolve().parents[2]

THREE_TIERS = """schedule: multistage
tiers:
  - {kind: ram, capacity: 128 MiB}
  - {kind: mmap, path: nowhere/run42.map, capacity: 512 MiB}
  - {kind: hdf5, path: nowhere/run42.h5, capacity: 2 GiB, save_cost: 2, load_cost: 1.5}
"""
LEVEL_KEYS = ["name", "slots", "takeshots", "restores", "moves", "peak", "save_cost", "load_cost"]
PLAN_KEYS = ["schedule", "steps", "turns", "advances", "cost", "gap_bound", "makespan", "stall", "copy", "lower_bound",
             "lower_bound_proved", "lower_bound_reason", "run_advances", "turn_cost", "levels", "actions",
             "plan_seconds"]

COMPARISON = """\
Every schedule for 1000 steps

schedule          advances   takeshots   restores     peak  cost   ratio  makespan  to bound  plan s
disk_revolve (*)      1903   904 /  85  914 /  85  10 / 85  3243  0.8697    2903.0    0.8441   #.###
overlap               2649   736 /  20  979 /  20  11 / 20  3729  1.0000    3649.0    1.0611   #.###
multistage            2472   664 / 210  769 / 230  10 / 20  4352  1.1671    3676.0    1.0689   #.###
hrevolve              2682   824 /  20  979 /  20  10 / 20  3762  1.0088    3682.0    1.0707   #.###
online                2682  1052 /  31  978 /  21  10 / 20  3786  1.0153    3682.0    1.0707   #.###
periodic              2710   780 /  19  980 /  19  10 / 19  3786  1.0153    3710.0    1.0788   #.###
revolve               3636   714 /   0  999 /   0  10 /  0  4636  1.2432    4636.0    1.3481   #.###

takeshots (with moves), restores and peak: level by level, 10 / 20 slots (level 0 / level 1)
cost: forward steps, of advances, turns, takeshots (x_0's among them) and restores; ratio: to the least
makespan: forward steps when storage works beside the operators, by simulation; to bound: to 3439.0, for
no plan in these slots takes less, by "slots", which is proved
overlap uses all 11 buffers of level 0, the others leave one to copies; intervals of 45.0 steps on level 1

auto chooses overlap.
(*) disk_revolve: it needs 85 slots of level 1, which has 20; a run and auto refuse it.
online plans as if it had not known the number of steps.
Not in the table: store_all needs 999 slots for 1000 steps; the levels have 30 together.
"""


def run(*arguments, cwd=None):
    return subprocess.run([CAIRN, *arguments], capture_output=True, text=True, cwd=cwd, timeout=120)


def masked(text):
    return re.sub(r"\d+\.\d+ s\b", "#.### s", text)


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="cairn-cli-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, text):
        (self.folder / name).write_text(text)
        return name

    def cairn(self, *arguments):
        return run(*arguments, cwd=self.folder)

    def refused(self, *arguments, code=2):
        done = self.cairn(*arguments)
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        return done.stderr


class Program(Case):
    def test_says_its_version(self):
        done = self.cairn("--version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"^cairn \d+\.\d+\.\d+\n$")

    def test_helps(self):
        done = self.cairn("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, """\
Plan reversals of long simulations, measure storage, and look into the files that hold their snapshots.
Usage: cairn COMMAND ...

  plan       show what a schedule would cost, without running anything
  measure    show what snapshots cost on the tiers of a configuration
  inspect    show what the file of an mmap or hdf5 tier holds
  repair     set such a file right after a kill or a loss of power

  --help     this text; cairn COMMAND --help for each command
  --version  the version of cairn

Exit codes: 0; 1 where a file cannot be read or written or has bad snapshots; 2 where the command or its input is wrong.
""")

    def test_explains_every_option_in_a_help_text(self):
        helps = "".join(self.cairn(command, "--help").stdout for command in ("plan", "measure", "inspect", "repair"))
        options = re.findall(r'add_(?:option|flag)\("([^"]+)"', (SOURCES / "tools/cairn.cpp").read_text())
        self.assertGreater(len(options), 10)
        for option in options:
            self.assertRegex(helps, rf"\n  {option}\b", option)

    def test_refuses_what_is_no_command(self):
        self.assertEqual(self.refused(), "cairn: A subcommand is required; see cairn --help\n")
        self.assertEqual(self.refused("paln"),
                         'cairn: "paln" is not a command; there are plan, measure, inspect and repair, see cairn --help\n')
        self.assertEqual(self.refused("plan", "--steps", "5", "--slots", "1", "--fast"),
                         "cairn: The following argument was not expected: --fast; see cairn plan --help\n")
        self.assertEqual(self.refused("plan", "--slots", "1"), "cairn: --steps is required; see cairn plan --help\n")
        self.assertEqual(self.refused("measure", "run42.yaml"),
                         "cairn: --snapshot-bytes is required; see cairn measure --help\n")
        self.assertEqual(self.refused("inspect"), "cairn: FILE is required; see cairn inspect --help\n")

    def test_says_when_its_output_cannot_be_written(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([CAIRN, "plan", "--slots", "3", "--steps", "9"], stdout=full,
                                  stderr=subprocess.PIPE, text=True, timeout=120)
        self.assertEqual((done.returncode, done.stderr),
                         (1, "cairn: the output cannot be written: No space left on device (ENOSPC)\n"))


class Plan(Case):
    def plan(self, *arguments):
        return json.loads(self.cairn("plan", *arguments, "--json").stdout)

    def test_prints_a_table_and_what_it_costs(self):
        done = self.cairn("plan", "--schedule", "multistage", "--slots", "10,20", "--steps", "1000",
                          "--save-cost", "0,2", "--turn-cost", "2.5")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(masked(done.stdout), """\
multistage: the plan for 1000 steps

level    slots  takeshots  restores  moves  peak  save cost  load cost
level 0     10        658       763      0    10          0          0
level 1     20        210       236      0    20          2          0

advances  2472
turns     1000, each as dear as 2.5 advances
actions   4734, each replayed and found legal in #.### s
cost      5392 forward steps: advances, turns, saves (takeshots, x_0's among them, and moves),
          loads (restores)

The plan costs 1.54 times what storing everything would (3499),
and 0.879 times what revolve with the 10 slots of level 0 alone would (6136).
Not given and taken as 0: load cost of level 0, load cost of level 1.
""")

    def test_prints_the_plan_of_a_configuration(self):
        self.write("run42.yaml", THREE_TIERS)
        done = self.cairn("plan", "run42.yaml", "--steps", "2001", "--snapshot-bytes", "5136008")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(masked(done.stdout), """\
multistage: the plan for 2001 steps, with a pool of 26 buffers

level  slots  takeshots  restores  moves  peak  save cost  load cost
ram       25       1047      1072      0    25          0          0
mmap     104        482       510      0   104          0          0
hdf5     418        418       418      0   418          2        1.5

advances  3453
turns     2001, each as dear as 0 advances
actions   9895, each replayed and found legal in #.### s
cost      4916 forward steps: advances, turns, saves (takeshots, x_0's among them, and moves),
          loads (restores)

The plan costs 2.46 times what storing everything would (2000),
and 0.874 times what revolve with the 25 slots of ram alone would (5625).
Not given and taken as 0: save cost of ram, load cost of ram, save cost of mmap, load cost of mmap, turn cost.
A run asks for one step more, the user's seed: forward(2001) runs the plan of 2002,
this one is of forward(2000).
""")

    def test_compares_no_plan_with_itself(self):
        text = self.cairn("plan", "--schedule", "revolve", "--slots", "3,5", "--steps", "100").stdout
        self.assertRegex(text, r"\nThe plan costs \S+ times what storing everything would \(99\); it uses level 0 alone\.")
        text = self.cairn("plan", "--slots", "0,5", "--steps", "100").stdout
        self.assertRegex(text, r"storing everything would \(99\); level 0 alone has no slot.\n")

    def test_says_which_costs_nobody_gave(self):
        question = ["plan", "--slots", "3,5", "--steps", "100"]
        self.assertTrue(self.cairn(*question).stdout.endswith("\nNo save, load or turn cost is given; all are taken as 0.\n"))
        self.assertTrue(self.cairn(*question, "--load-cost", "0,1").stdout.endswith(
            "\nNot given and taken as 0: save cost of level 0, save cost of level 1, turn cost.\n"))
        self.assertNotIn("taken as 0", self.cairn(*question, "--load-cost", "0,1", "--save-cost", "0,0",
                                                  "--turn-cost", "1").stdout)

    def test_prints_json_with_these_keys(self):
        done = self.cairn("plan", "--schedule", "revolve", "--slots", "10", "--steps", "1000000", "--json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        plan = json.loads(done.stdout)
        self.assertEqual(list(plan), PLAN_KEYS)
        self.assertEqual(list(plan["levels"][0]), LEVEL_KEYS)
        self.assertGreater(plan.pop("plan_seconds"), 0)
        self.assertEqual(plan, {
            "schedule": "revolve", "steps": 1000000, "turns": 1000000, "advances": 11647922, "cost": 11647922,
            "gap_bound": 0, "turn_cost": 0, "actions": 3706706, "run_advances": 11647935,
            "makespan": None, "stall": None, "copy": None,
            "lower_bound": None, "lower_bound_proved": None, "lower_bound_reason": None,
            "levels": [{"name": "level 0", "slots": 10, "takeshots": 353354, "restores": 999999, "moves": 0,
                        "peak": 10, "save_cost": 0, "load_cost": 0}]})

    def test_counts_the_pool_in_the_json_of_a_configuration(self):
        self.write("run42.yaml", THREE_TIERS)
        plan = self.plan("run42.yaml", "--steps", "9", "--snapshot-bytes", "5136008")
        self.assertEqual(list(plan), PLAN_KEYS + ["pool"])
        self.assertEqual(plan["pool"], 26)
        self.assertEqual([(level["name"], level["slots"], level["save_cost"]) for level in plan["levels"]],
                         [("ram", 25, 0), ("mmap", 104, 0), ("hdf5", 418, 2)])

    def test_rounds_a_snapshot_up_to_4096_bytes(self):
        self.write("ram.yaml", "tiers: [{kind: ram, capacity: 8192 B}]")
        for given, slots in (("1", 2), ("4096", 2), ("4097", 1)):
            plan = self.plan("ram.yaml", "--steps", "9", "--snapshot-bytes", given)
            self.assertEqual(plan["pool"], slots, given)

    def test_needs_no_size_where_all_capacities_are_slots(self):
        self.write("slots.yaml", "schedule: revolve\ntiers: [{kind: ram, capacity: 10 slots}]")
        plan = self.plan("slots.yaml", "--steps", "1000")
        self.assertEqual((plan["pool"], plan["levels"][0]["slots"]), (10, 10))

    def test_lets_options_replace_what_the_configuration_says(self):
        self.write("run42.yaml", THREE_TIERS)
        plan = self.plan("run42.yaml", "--steps", "2001", "--snapshot-bytes", "5136008", "--schedule", "periodic",
                         "--period", "50", "--save-cost", "1,2,3", "--load-cost", "4,5,6", "--turn-cost", "0")
        self.assertEqual((plan["schedule"], plan["levels"][2]["takeshots"], plan["turn_cost"]), ("periodic", 40, 0))
        costs = [(level["save_cost"], level["load_cost"]) for level in plan["levels"]]
        self.assertEqual(costs, [(1, 4), (2, 5), (3, 6)])

    def test_gives_null_for_counts_beyond_2_to_the_64(self):
        plan = self.plan("--schedule", "revolve", "--slots", "1", "--steps", str(2**40))
        self.assertEqual((plan["advances"], plan["cost"], plan["turns"]), (None, None, 2**40))
        text = self.cairn("plan", "--slots", "1", "--steps", str(2**40)).stdout
        self.assertIn("advances  more than 2^64\n", text)
        self.assertIn("\nThe plan costs more than can be counted; storing everything would cost 1.099511628e+12.\n", text)
        self.assertIn("counted by formulas", text)

    def test_streams_actions_one_a_line(self):
        done = self.cairn("plan", "--schedule", "revolve", "--slots", "2", "--steps", "4", "--actions")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout.split("\n")[:4], ["takeshot 0 0", "advance 0 2", "takeshot 2 0", "advance 2 3"])
        self.assertEqual(done.stdout.split("\n")[-3:], ["discard 0 0", "turn 0", ""])

    def test_streams_as_many_actions_as_it_counts(self):
        question = ["--schedule", "periodic", "--slots", "5,40", "--steps", "20000"]
        lines = self.cairn("plan", *question, "--actions").stdout.splitlines()
        plan = self.plan(*question)
        self.assertEqual(len(lines), plan["actions"])
        self.assertEqual(sum(line.startswith("turn ") for line in lines), 20000)
        self.assertEqual(sum(line.startswith("restore ") and line.endswith(" 1") for line in lines),
                         plan["levels"][1]["restores"])

    PRICED = ["--slots", "10,20", "--save-cost", "0,2", "--load-cost", "0,2", "--turn-cost", "1"]

    def test_compares_every_schedule_in_one_table(self):
        done = self.cairn("plan", "--compare", "--steps", "1000", *self.PRICED)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(re.sub(r"\d\.\d{3}$", "#.###", done.stdout, flags=re.MULTILINE), COMPARISON)

    def test_compares_with_numbers_for_programs(self):
        found = self.plan("--compare", "--steps", "1000", *self.PRICED)
        self.assertEqual(list(found), ["steps", "turn_cost", "levels", "unset", "lower_bound", "lower_bound_proved",
                                       "lower_bound_reason", "schedules"])
        self.assertEqual((found["steps"], found["turn_cost"], found["unset"]), (1000, 1, []))
        self.assertEqual(found["levels"][1], {"name": "level 1", "slots": 20, "save_cost": 2, "load_cost": 2})
        rows = {row["schedule"]: row for row in found["schedules"]}
        self.assertEqual(list(rows), ["disk_revolve", "overlap", "multistage", "hrevolve", "online", "periodic",
                                      "revolve", "store_all"])
        self.assertEqual(list(rows["hrevolve"]), ["schedule", "possible", "advances", "cost", "ratio", "gap_bound",
                                                  "makespan", "stall", "copy", "levels", "actions", "plan_seconds"])
        self.assertEqual((rows["hrevolve"]["cost"], rows["overlap"]["cost"], rows["overlap"]["ratio"]), (3762, 3729, 1))
        self.assertEqual(rows["multistage"]["ratio"], 4352 / 3729)
        self.assertEqual((rows["hrevolve"]["makespan"], rows["overlap"]["makespan"]), (3682, 3649))
        self.assertAlmostEqual(found["lower_bound"], 2439 + 1000, places=6)  # t(1000, 31) = 2439, and 1000 turns
        self.assertEqual(found["lower_bound_reason"], "slots")
        self.assertNotIn("makespan", rows["store_all"])
        self.assertEqual((rows["disk_revolve"]["cost"], rows["disk_revolve"]["levels"][1]["peak"]), (3243, 85))
        self.assertEqual([name for name, row in rows.items() if not row["possible"]], ["disk_revolve", "store_all"])
        self.assertEqual(rows["store_all"]["why_not"],
                         "store_all needs 999 slots for 1000 steps; the levels have 30 together")
        for name, row in rows.items():  # each as it is alone
            if "cost" in row:
                alone = self.plan("--schedule", name, "--steps", "1000", *self.PRICED)
                for key in ("cost", "advances", "actions", "makespan", "stall", "copy"):
                    self.assertEqual(row[key], alone[key], (name, key))
                self.assertEqual(alone["lower_bound"], found["lower_bound"], name)

    def test_compares_by_what_is_known_where_costs_are_not_given(self):
        text = self.cairn("plan", "--compare", "--steps", "1000", "--slots", "10,20").stdout
        self.assertEqual(re.findall(r"^(\w+) +\d+ ", text, re.MULTILINE), ["multistage", "online", "periodic", "revolve"])
        self.assertTrue(text.endswith("""\
Not in the table: overlap, hrevolve and disk_revolve weigh storage against steps, and need the save cost of level 1, load cost of level 1.
No save, load or turn cost is given; all are taken as 0.
"""), text)
        self.assertNotIn("auto chooses", text)

    def test_compares_the_schedules_of_a_configuration(self):
        self.write("run42.yaml", THREE_TIERS.replace("schedule: multistage", "schedule: {kind: periodic, period: 7}"))
        found = self.plan("run42.yaml", "--compare", "--steps", "2001", "--snapshot-bytes", "5136008")
        rows = {row["schedule"]: row for row in found["schedules"]}
        self.assertEqual(rows["periodic"]["levels"][2]["takeshots"], 2000 // 7)
        self.assertEqual((rows["hrevolve"]["why_not"], found["pool"]),
                         ("it needs the save cost of mmap, load cost of mmap", 26))

    def test_says_what_auto_chose_and_why(self):
        done = self.cairn("plan", "--steps", "1000", *self.PRICED)
        self.assertEqual(masked(done.stdout), """\
overlap: the plan for 1000 steps

level    slots  takeshots  restores  moves  peak  save cost  load cost
level 0     11        736       979      0    11          0          0
level 1     20         20        20      0    20          2          2

advances  2649
turns     1000, each as dear as 1 advance
actions   4510, each replayed and found legal in #.### s
cost      3729 forward steps: advances, turns, saves (takeshots, x_0's among them, and moves),
          loads (restores)
makespan  3649.0 forward steps when storage works beside the operators, by simulation;
          0.00 % of it stalls, 0.00 % copies; 1.0611 times the bound
bound     3439.0 forward steps: no plan in these slots takes less, by "slots", which is proved

Chosen by simulation: intervals of 45.0 steps on level 1.
Chosen by auto: intervals of 45.0 steps on level 1; overlap takes 3649 forward steps, the least of 3 that fit (periodic 3710, revolve 4545).
The plan costs 1.87 times what storing everything would (1999),
and 0.804 times what revolve with the 10 slots of level 0 alone would (4636).
""")
        plan = self.plan("--schedule", "auto", "--steps", "1000", *self.PRICED)
        self.assertEqual((plan["schedule"], plan["reason"][:28]), ("overlap", "intervals of 45.0 steps on l"))

    def test_says_how_to_give_or_measure_costs_that_a_schedule_needs(self):
        def advice(config):
            return ("--save-cost W,... and --load-cost R,...: seconds to save (load) one snapshot / seconds of one "
                    f"forward step, as cairn measure {config} --snapshot-bytes B has them, or the report of a run\n")
        for name in ("overlap", "hrevolve", "disk_revolve"):
            self.assertEqual(self.refused("plan", "--schedule", name, "--steps", "9", "--slots", "3,4,5", "--load-cost",
                                          "0,1,2"),
                             f"cairn: --schedule: {name} weighs storage against steps, and needs the save cost of level 1, "
                             f"save cost of level 2; give {advice('CONFIG')}")
        self.write("run42.yaml", THREE_TIERS)
        self.assertEqual(self.refused("plan", "run42.yaml", "--steps", "9", "--snapshot-bytes", "5136008", "--schedule",
                                      "hrevolve"),
                         "cairn: --schedule: hrevolve weighs storage against steps, and needs the save cost of mmap, load "
                         "cost of mmap; give save_cost and load_cost of each tier in CONFIG, or "
                         + advice("run42.yaml"))
        self.write("weighs.yaml", THREE_TIERS.replace("schedule: multistage", "schedule: hrevolve"))
        self.assertEqual(self.refused("plan", "weighs.yaml", "--steps", "9", "--snapshot-bytes", "5136008"),
                         "cairn: weighs.yaml:1: schedule: hrevolve weighs storage against steps, and needs the save cost "
                         "of mmap, load cost of mmap; give save_cost and load_cost of each tier in CONFIG, or "
                         + advice("weighs.yaml"))
        plan = self.plan("run42.yaml", "--steps", "9", "--snapshot-bytes", "5136008", "--schedule", "hrevolve",
                         "--save-cost", "0,1,2", "--load-cost", "0,1,2")
        self.assertEqual(plan["schedule"], "hrevolve")

    def test_takes_the_turn_cost_of_a_configuration_unless_one_is_given(self):
        self.write("run42.yaml", THREE_TIERS + "costs: {advance: 3 ms, turn: 2.5}\n")
        question = ["run42.yaml", "--steps", "9", "--snapshot-bytes", "5136008"]
        plan = self.plan(*question)
        self.assertEqual(plan["cost"], self.plan(*question, "--turn-cost", "2.5")["cost"])
        self.assertEqual(plan["cost"] - self.plan(*question, "--turn-cost", "0")["cost"], 9 * 2.5)
        self.assertNotIn("turn cost", self.cairn("plan", *question).stdout)
        self.write("run42.yaml", THREE_TIERS + "costs: {advance: 3 ms, turn: auto}\n")
        self.assertIn("load cost of mmap, turn cost.\n", self.cairn("plan", *question).stdout)

    def test_prints_how_long_overlap_takes(self):
        question = ["--schedule", "overlap", "--steps", "1000", "--slots", "10,2000", "--save-cost", "0.25,2.25",
                    "--load-cost", "0.25,2.25", "--turn-cost", "1"]
        text = self.cairn("plan", *question).stdout
        self.assertIn("\nlevel 0     11 ", text)
        self.assertRegex(text, r"\nmakespan  \S+ forward steps when storage works beside the operators, by simulation;\n"
                               r" +\d\.\d\d % of it stalls, \d+\.\d\d % copies; 1\.\d{4} times the bound\n"
                               r"bound     \S+ forward steps: no plan in these slots takes less, by \"\w+\", which is ")
        self.assertRegex(text, r"\nChosen by simulation: intervals .* steps on level 1\.\n")
        plan = self.plan(*question)
        self.assertLessEqual(plan["lower_bound_proved"], plan["lower_bound"])
        self.assertLess(plan["lower_bound"], plan["makespan"])
        self.assertLess(plan["makespan"], 1.05 * plan["lower_bound"])
        self.assertGreater(plan["copy"], 0)
        self.assertLess(plan["stall"], .01 * plan["makespan"])
        more = self.plan(*question[:3], "1001", *question[4:])
        self.assertEqual(plan["run_advances"], more["advances"])

    def test_hands_out_the_plan_of_overlap_that_it_simulated(self):
        question = ["--schedule", "overlap", "--steps", "200", "--slots", "4,300", "--save-cost", "0,3", "--load-cost",
                    "0,2", "--turn-cost", "1"]
        plan = self.plan(*question)
        self.assertTrue(plan["plan"].startswith("intervals as the device allows"), plan["plan"])
        lines = self.cairn("plan", *question, "--actions").stdout.splitlines()
        self.assertEqual(len(lines), plan["actions"])
        kept = [line for line in lines if line.startswith("takeshot ") and line.endswith(" 1")]
        self.assertEqual(len(kept), plan["levels"][1]["takeshots"])
        self.assertLess(len(kept), 100)  # the lane, at 3 steps a save, decides where
        self.assertEqual(self.cairn("plan", *question, "--figure", "plan.svg").returncode, 0)
        figure = (self.folder / "plan.svg").read_text()
        self.assertIn(">overlap, 200 steps<", figure)
        self.assertIn(f"{len(kept)} takeshots", figure)

    def test_gives_overlap_the_whole_pool_and_the_others_one_slot_less(self):
        tiers = "tiers: [{kind: ram, capacity: 6 slots}, {kind: hdf5, path: a.h5, capacity: 9 slots, %s}]"
        self.write("overlap.yaml", "schedule: overlap\n" + tiers % "save_cost: 2, load_cost: 1.5")
        plan = self.plan("overlap.yaml", "--steps", "80")
        self.assertEqual((plan["schedule"], plan["pool"], plan["levels"][0]["slots"]), ("overlap", 6, 6))
        other = self.plan("overlap.yaml", "--steps", "80", "--schedule", "hrevolve")
        self.assertEqual((other["pool"], other["levels"][0]["slots"]), (6, 5))
        same = self.plan("--schedule", "overlap", "--steps", "80", "--slots", "5,9", "--save-cost", "0,2",
                         "--load-cost", "0,1.5")
        for key in ("advances", "makespan", "lower_bound", "actions"):
            self.assertEqual(plan[key], same[key], key)
        self.write("hrevolve.yaml", "schedule: hrevolve\n" + tiers % "save_cost: 2, load_cost: 1.5")
        self.assertEqual(self.plan("hrevolve.yaml", "--steps", "80")["makespan"], other["makespan"])
        rows = {row["schedule"]: row for row in self.plan("hrevolve.yaml", "--steps", "80", "--compare")["schedules"]}
        self.assertEqual((rows["overlap"]["makespan"], rows["hrevolve"]["makespan"]),
                         (plan["makespan"], other["makespan"]))

    def test_plans_in_no_or_one_buffer_or_says_why_not(self):
        costs = ["--save-cost", "0,2", "--load-cost", "0,2"]
        self.assertEqual(self.refused("plan", "--steps", "9", "--slots", "0", "--schedule", "overlap"),
                         "cairn: level 0 has no slot; overlap needs at least 1 there\n")
        plan = self.plan("--steps", "9", "--slots", "0,1", *costs, "--schedule", "overlap")
        self.assertEqual((plan["levels"][0]["slots"], plan["levels"][1]["slots"]), (1, 1))
        text = self.cairn("plan", "--steps", "9", "--slots", "0,1", *costs, "--compare").stdout
        self.assertIn("\noverlap uses the one buffer of level 0, ", text)
        done = self.cairn("plan", "--steps", "9", "--slots", "0,0", *costs, "--compare")
        self.assertEqual(done.returncode, 0)
        self.assertNotIn("auto chooses", done.stdout)

    def test_plans_overlap_for_ram_only(self):
        self.write("disks.yaml", "tiers: [{kind: mmap, path: a.map, capacity: 6 slots, save_cost: 1, load_cost: 1}, "
                                 "{kind: hdf5, path: a.h5, capacity: 9 slots, save_cost: 2, load_cost: 2}]")
        self.assertEqual(self.refused("plan", "disks.yaml", "--steps", "80", "--schedule", "overlap"),
                         "cairn: --schedule: overlap moves snapshots between RAM and slower tiers, and CONFIG has no ram "
                         "tier; take hrevolve\n")
        text = self.cairn("plan", "disks.yaml", "--steps", "80", "--compare").stdout
        self.assertIn("\nNot in the table: overlap: it needs a ram tier.\n", text)
        self.assertNotIn("makespan", text)
        self.assertIsNone(self.plan("disks.yaml", "--steps", "80", "--schedule", "hrevolve")["makespan"])

    def test_knows_no_makespan_where_copies_cost_more_than_what_contains_them(self):
        question = ["--steps", "50", "--slots", "3,9", "--save-cost", "1,2", "--load-cost", "1,0.5"]
        note = ("\nNo makespan is known: the costs of level 0 are copies, those of level 1 contain them and yet are less."
                "\n")
        for more in ([], ["--compare"]):
            text = self.cairn("plan", *question, *more).stdout
            self.assertIn(note, text)
            self.assertNotIn("makespan  ", text)
        self.assertIsNone(self.plan(*question)["lower_bound"])

    def test_says_where_plans_are_too_long_to_simulate(self):
        steps = ["--steps", "1048577", *self.PRICED]
        text = self.cairn("plan", "--compare", *steps).stdout
        self.assertIn("\nranked by cost: more than 1048576 steps are not simulated, and no makespan is known\n", text)
        self.assertIn("\nNot in the table: overlap: 1048577 steps are too many, for it simulates its plans; at most "
                      "1048576 here.\n", text)
        self.assertRegex(self.cairn("plan", *steps).stdout,
                         r"\nmakespan  not known, for more than 1048576 steps are not simulated\nbound     \d+\.\d ")
        plan = self.plan(*steps)
        self.assertIsNone(plan["makespan"])
        self.assertGreater(plan["lower_bound"], 2 * 1048577)

    def test_shows_the_slots_that_disk_revolve_needs(self):
        text = self.cairn("plan", "--schedule", "disk_revolve", "--steps", "1000", *self.PRICED).stdout
        self.assertIn("\nlevel 1     20         85        85      0    85 ", text)
        self.assertIn("\nA run and auto refuse this plan: it needs 85 slots of level 1, which has 20.\n", text)
        more = self.PRICED[:1] + ["10,85"] + self.PRICED[2:]
        self.assertNotIn("refuse", self.cairn("plan", "--schedule", "disk_revolve", "--steps", "1000", *more).stdout)

    def test_bounds_the_distance_to_the_optimum_of_long_plans(self):
        question = ["--schedule", "hrevolve", "--steps", "100000000", "--slots", "30,500", "--save-cost", "0,3",
                    "--load-cost", "0,3"]
        self.assertTrue(0 < self.plan(*question)["gap_bound"] < 1e-5)
        self.assertRegex(self.cairn("plan", *question).stdout, r"\nThe plan is within \S+ % of the optimum\.\n")
        unfree = question[:-4] + ["--save-cost", ".5,3", "--load-cost", ".5,3"]
        self.assertNotIn("optimum", self.cairn("plan", *unfree).stdout)

    def test_says_in_which_order_the_plan_takes_the_levels(self):
        question = ["--schedule", "hrevolve", "--steps", "40", "--slots", "3,5", "--save-cost", "4,0", "--load-cost", "4,0"]
        self.assertEqual([level["order"] for level in self.plan(*question)["levels"]], [1, 0])
        self.assertIn("\nThe plan takes the levels in the order level 1, level 0, by their costs.\n",
                      self.cairn("plan", *question).stdout)
        in_order = question[:-4] + ["--save-cost", "0,4", "--load-cost", "0,4"]
        self.assertNotIn("order", self.plan(*in_order)["levels"][0])

    def test_plans_from_what_is_stored(self):
        question = ["--schedule", "hrevolve", "--steps", "100", *self.PRICED, "--stored", "0:0,30:1,70:1",
                    "--turned", "50"]
        plan = self.plan(*question)
        self.assertEqual((plan["steps"], plan["turned"], plan["turns"]), (100, 50, 50))
        self.assertEqual(plan["stored"][1], {"step": 30, "level": 1})
        lines = self.cairn("plan", *question, "--actions").stdout.splitlines()
        self.assertEqual(len(lines), plan["actions"])
        self.assertEqual([line for line in lines if line.startswith("turn")],
                         [f"turn {step}" for step in range(49, -1, -1)])
        text = self.cairn("plan", *question).stdout
        self.assertTrue(text.endswith("""
Steps 50 to 99 are turned already. The plan starts with no live state and 3 stored snapshots; the takeshots do not count them.
1 stored snapshot of x_50 or later: of no more use, discarded first.
"""), text)
        rows = {row["schedule"]: row for row in self.plan("--compare", *question[2:])["schedules"]}
        self.assertEqual(rows["hrevolve"]["cost"], plan["cost"])
        self.assertFalse(rows["online"]["possible"])

    def test_takes_the_period_from_all_steps_where_some_are_turned(self):
        plan = self.plan("--schedule", "periodic", "--steps", "1000", "--slots", "3,10", "--stored", "0:0,100:1,200:1",
                         "--turned", "300")
        self.assertEqual((plan["turns"], plan["levels"][1]["takeshots"]), (300, 0))  # ceil(1000/10) = 100, ceil(300/10) = 30

    def test_refuses_stored_snapshots_that_make_no_sense(self):
        for arguments, text in (
                (["--stored", "5"], '--stored: "5" is not STEP:LEVEL; write such as 0:0,500:1'),
                (["--stored", "0:0,x:1"],
                 '--stored: "x" is not a whole number; write digits only, such as 1000000'),
                (["--stored", "0:0,9:1"], "--stored: 9:1: there is no x_9 in 9 steps; give a step from 0 to 8"),
                (["--stored", "0:0,-1:1"], "--stored: -1:1: there is no x_-1 in 9 steps; give a step from 0 to 8"),
                (["--stored", "0:0,5:2"], "--stored: 5:2: there is no level 2; give a level from 0 to 1"),
                (["--stored", "0:0,5:1,5:1"], "--stored: 5:1 is given twice; leave out one"),
                (["--stored", "5:1"],
                 "--stored: x_0 is missing, and without it step 0 cannot be turned; give its level too, such as 0:0"),
                (["--stored", "0:0,3:0"], "--stored: 2 snapshots at level 0, which has 1 slot; give at most as many"),
                (["--turned", "4"],
                 "--turned: 4 goes with --stored, for no state is live then; give what is stored, x_0 at least, such as "
                 "--stored 0:0"),
                (["--stored", "0:0", "--turned", "0"],
                 "--turned: 0 is not between 1 and 9; steps T to 8 are turned already, T-1 to 0 remain"),
                (["--stored", "0:0", "--turned", "10"],
                 "--turned: 10 is not between 1 and 9; steps T to 8 are turned already, T-1 to 0 remain")):
            self.assertEqual(self.refused("plan", "--steps", "9", "--slots", "1,4", *arguments), f"cairn: {text}\n")

    def test_draws_the_plan(self):
        question = ["plan", "--steps", "40", *self.PRICED]
        done = self.cairn(*question, "--figure", "plan.svg")
        self.assertEqual((done.returncode, masked(done.stdout)), (0, masked(self.cairn(*question).stdout)))
        figure = (self.folder / "plan.svg").read_text()
        self.assertIn("<svg", figure)
        self.assertIn(">multistage, 40 steps<" if "multistage:" in done.stdout else "40 steps", figure)
        self.assertEqual(self.refused(*question, "--figure", "nowhere/plan.svg", code=1),
                         "cairn: --figure: nowhere/plan.svg: cannot be written: No such file or directory (ENOENT)\n")

    def test_refuses_questions_that_make_no_sense(self):
        for arguments, text in (
                (["--steps", "0", "--slots", "3"], "--steps: 0 is too few; give 1 step or more"),
                (["--steps", "-5", "--slots", "3"], "--steps: -5 is too few; give 1 step or more"),
                (["--steps", "1e6", "--slots", "3"],
                 '--steps: "1e6" is not a whole number; write digits only, such as 1000000'),
                (["--steps", "1099511627777", "--slots", "3"],
                 "--steps: 1099511627777 is too many; give at most 1099511627776"),
                (["--steps", "9"],
                 "give CONFIG, a YAML file, or the slots of each level by --slots, such as --slots 10,200"),
                (["--steps", "9", "--slots", "3", "--schedule", "two_level"],
                 '--schedule: "two_level" is of a later version of cairn; this one has auto, overlap, hrevolve, '
                 'disk_revolve, multistage, revolve, periodic, store_all, online'),
                (["--steps", "1048577", "--slots", "3", "--schedule", "overlap"],
                 "overlap: 1048577 steps are too many, for it simulates its plans; at most 1048576 here"),
                (["--steps", "9", "--slots", "3", "--schedule", "best"],
                 '--schedule: "best" is not a schedule of this version of cairn; this one has auto, overlap, '
                 'hrevolve, disk_revolve, multistage, revolve, periodic, store_all, online'),
                (["--steps", "9", "--slots", "3,4", "--save-cost", "1"],
                 "--save-cost: 1 number for 2 levels; give one for each, such as 0,2"),
                (["--steps", "9", "--slots", "3", "--period", "4", "--schedule", "multistage"],
                 "--period: multistage has no period; leave it out, or plan --schedule periodic"),
                (["--steps", "9", "--slots", "3", "--snapshot-bytes", "4"],
                 "--snapshot-bytes: it goes with CONFIG, whose capacities are sizes; --slots gives slots"),
                (["--steps", "9", "--slots", "3", "--json", "--actions"],
                 "--actions: it does not go with --json; leave out one of the two"),
                (["--steps", "9", "--slots", "3", "--compare", "--actions"],
                 "--actions: it does not go with --compare; leave out one of the two"),
                (["--steps", "9", "--slots", "3", "--figure", "a.svg", "--actions"],
                 "--actions: it does not go with --figure; leave out one of the two"),
                (["--steps", "9", "--slots", "3", "--figure", "a.svg", "--compare"],
                 "--compare: it does not go with --figure; leave out one of the two"),
                (["--steps", "9", "--slots", "3", "--schedule", "revolve", "--compare"],
                 "--compare: it shows every schedule; leave out --schedule revolve"),
                (["--steps", "301", "--slots", "3", "--figure", "a.svg"],
                 "--figure: 301 steps are too many to see; give --steps of at most 300"),
                (["--steps", str(2**25), "--slots", "3", "--schedule", "online"],
                 "online: 33554432 steps are too many, for this plan is counted by going through it; at most 16777216 "
                 "here"),
                (["--steps", "9", "--slots", "1,1,1,1,1,1,1,1,1"], "--slots: 9 levels; there are at most 8")):
            self.assertEqual(self.refused("plan", *arguments), f"cairn: {text}\n")

    def test_names_file_line_and_key_of_a_wrong_configuration(self):
        self.write("run42.yaml", THREE_TIERS)
        self.assertEqual(self.refused("plan", "run42.yaml", "--steps", "9"),
                         "cairn: run42.yaml:3: tiers[0].capacity: 128 MiB holds as many snapshots as their size "
                         "allows; give it by --snapshot-bytes B\n")
        self.assertEqual(self.refused("plan", "run42.yaml", "--steps", "9", "--snapshot-bytes", "104857600"),
                         "cairn: run42.yaml:3: tiers[0].capacity: 128 MiB holds 1 snapshot of 100 MiB; beside slower "
                         "tiers 2 are needed, a slot and a staging buffer; give 200 MiB\n")
        self.assertEqual(self.refused("plan", "run42.yaml", "--steps", "9", "--slots", "3"),
                         "cairn: --slots: CONFIG gives the levels already; leave out one of the two\n")
        self.assertEqual(self.refused("plan", "run42.yaml", "--steps", "9", "--snapshot-bytes", "0"),
                         "cairn: --snapshot-bytes: 0 is no size of a snapshot; give the bytes of all fields together\n")
        self.write("later.yaml", "tiers: [{kind: ram, capacity: 1 slot}]\ntrace: run42.trace.json\n")
        self.assertEqual(self.refused("plan", "later.yaml", "--steps", "9"),
                         "cairn: later.yaml:2: trace: this key is of a later version of cairn; remove it\n")
        self.assertEqual(self.refused("plan", "no.yaml", "--steps", "9"),
                         "cairn: no.yaml: cannot be read: No such file or directory (ENOENT); give the path of a YAML "
                         "file\n")


class Measure(Case):
    TIERS = """# by hand
schedule: {kind: periodic, period: 7}
tiers:
  - {kind: ram, capacity: 3 slots}
  - {kind: mmap, path: run42.map, capacity: 5 slots, save_cost: 77}
  - {kind: hdf5, path: run42.h5, capacity: 2 slots}
verify: always
"""

    def setUp(self):
        super().setUp()
        self.write("run42.yaml", self.TIERS)

    def measure(self, *arguments, config="run42.yaml"):
        return self.cairn("measure", config, "--snapshot-bytes", "300001", "--rounds", "2", *arguments)

    def files(self):
        return {path.name: path.read_bytes() for path in self.folder.iterdir()}

    def test_prints_a_table_with_costs_in_forward_steps(self):
        done = self.measure("--advance", "3 ms")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(re.sub(r" +", " ", re.sub(r"(?<!\w)\d+(\.\d+)?(e[+-]\d+)?\b", "#", done.stdout)), """\
Snapshots of # bytes, the median of # rounds

tier file save ms load ms save GB/s load GB/s save cost load cost
ram # # # # # #
mmap run42.map # # # # # #
hdf5 run42.h5 # # # # # #

copy # ms out of the live state, # ms into it
cost in forward steps of # ms: the tier's own time and the copy
""")
        self.assertIn("Snapshots of 300001 bytes, the median of 2 rounds\n", done.stdout)

    def test_says_how_to_get_costs_where_the_time_of_a_step_is_not_known(self):
        done = self.measure()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertNotIn("save cost", done.stdout)
        self.assertTrue(done.stdout.endswith("""\
cost  not known: it is in forward steps; give the time of one by --advance "3 ms", or as
      costs: {advance: 3 ms} in run42.yaml
"""), done.stdout)

    def test_prints_the_same_as_json(self):
        found = json.loads(self.measure("--advance", "0.5 s", "--json").stdout)
        self.assertEqual(list(found), ["snapshot_bytes", "rounds", "advance_seconds", "copy_out_seconds",
                                       "copy_in_seconds", "tiers"])
        self.assertEqual([found["snapshot_bytes"], found["rounds"], found["advance_seconds"]], [300001, 2, .5])
        self.assertEqual([(tier["tier"], tier["file"]) for tier in found["tiers"]],
                         [("ram", None), ("mmap", "run42.map"), ("hdf5", "run42.h5")])
        for tier in found["tiers"]:
            self.assertEqual(list(tier), ["tier", "file", "save_seconds", "load_seconds", "save_gb_per_second",
                                          "load_gb_per_second", "save_cost", "load_cost"])
            self.assertGreater(tier["save_seconds"], 0)
            self.assertAlmostEqual(tier["save_gb_per_second"] * tier["save_seconds"], 300001e-9, places=12)
        ram, *slower = found["tiers"]
        self.assertEqual([ram["save_seconds"], ram["load_seconds"]],
                         [found["copy_out_seconds"], found["copy_in_seconds"]])
        for tier in slower:  # a cost has four digits
            for way, copy in (("save", "copy_out_seconds"), ("load", "copy_in_seconds")):
                cost = (tier[f"{way}_seconds"] + found[copy]) / .5
                self.assertAlmostEqual(tier[f"{way}_cost"] / cost, 1, delta=1e-3)
        tier = json.loads(self.measure("--json").stdout)["tiers"][1]
        self.assertEqual([tier["save_cost"], tier["load_cost"]], [None, None])

    def test_takes_the_time_of_a_step_from_the_configuration_unless_one_is_given(self):
        self.write("run42.yaml", self.TIERS + "costs: {advance: 4 ms}\n")
        self.assertEqual(json.loads(self.measure("--json").stdout)["advance_seconds"], .004)
        self.assertEqual(json.loads(self.measure("--json", "--advance", "2 s").stdout)["advance_seconds"], 2)

    def test_leaves_the_files_of_the_tiers_alone_and_nothing_of_its_own(self):
        self.write("run42.map", "not a file of cairn")
        self.write("run42.h5", "nor is this")
        before = self.files()
        self.assertEqual(self.measure().returncode, 0)
        self.assertEqual(self.files(), before)

    def test_leaves_nothing_where_a_tier_fails(self):
        self.write("run42.yaml", self.TIERS.replace("run42.h5", "/proc/run42.h5"))
        before = self.files()
        error = self.refused("measure", "run42.yaml", "--snapshot-bytes", "300001", "--advance", "3 ms", "--write",
                             "measured.yaml", code=1)
        self.assertRegex(error, r"^cairn: hdf5 tier: /proc/run42\.h5\.measure-\d+\S*: open failed: ")
        self.assertEqual(self.files(), before)

    def test_measures_a_link_where_it_leads_to(self):
        (self.folder / "run42.h5").symlink_to("/proc/version")
        error = self.refused("measure", "run42.yaml", "--snapshot-bytes", "300001", code=1)
        self.assertIn("/proc/version.measure-", error)

    def test_writes_a_configuration_that_plans_at_once(self):
        done = self.measure("--advance", "3 ms", "--write", "measured.yaml")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(done.stdout.endswith("\nWritten to measured.yaml. Plan with it: cairn plan measured.yaml "
                                             "--steps N --snapshot-bytes 300001\n"), done.stdout)
        text = (self.folder / "measured.yaml").read_text()
        self.assertRegex(text, r"^# run42\.yaml, with costs that cairn \S+ measured on .+ for snapshots of 300001 "
                               r"bytes\nschedule: \{kind: periodic, period: 7\}\n")
        for line in ("verify: always\n", "costs: {advance: 3 ms}\n"):
            self.assertIn(line, text)
        self.assertNotIn("77", text.split("mmap")[1].split("\n")[0])
        plan = json.loads(self.cairn("plan", "measured.yaml", "--steps", "12", "--snapshot-bytes", "300001",
                                     "--schedule", "hrevolve", "--json").stdout)
        for level in plan["levels"]:
            self.assertGreater(level["save_cost"], 0)
            self.assertGreater(level["load_cost"], 0)
        self.assertIsNotNone(plan["makespan"], "no cost is below that of the copy that it contains")

    def test_writes_the_costs_that_it_prints(self):
        found = json.loads(self.measure("--advance", "3 ms", "--write", "measured.yaml", "--json").stdout)
        text = (self.folder / "measured.yaml").read_text()
        for way in ("save", "load"):
            written = [float(cost) for cost in re.findall(rf"{way}_cost: ([^,}}]+)", text)]
            self.assertEqual(written, [tier[f"{way}_cost"] for tier in found["tiers"]])

    def test_replaces_a_file_only_where_it_is_told_to(self):
        self.write("measured.yaml", "mine\n")
        self.assertEqual(self.measure_refused("--advance", "3 ms", "--write", "measured.yaml"),
                         "cairn: --write: measured.yaml is there already; give another path, or --force to replace "
                         "it\n")
        self.assertEqual((self.folder / "measured.yaml").read_text(), "mine\n")
        self.assertEqual(self.measure("--advance", "3 ms", "--write", "measured.yaml", "--force").returncode, 0)
        self.assertIn("save_cost", (self.folder / "measured.yaml").read_text())
        self.assertEqual(self.measure("--advance", "3 ms", "--write", "run42.yaml", "--force").returncode, 0)
        again = self.measure("--write", "third.yaml")
        self.assertEqual((again.returncode, again.stderr), (0, ""), "the time of a step is in the file now")
        self.assertEqual(sorted(self.files()), ["measured.yaml", "run42.yaml", "third.yaml"])

    def measure_refused(self, *arguments):
        return self.refused("measure", "run42.yaml", "--snapshot-bytes", "300001", *arguments)

    def test_refuses_questions_that_make_no_sense(self):
        self.assertEqual(self.measure_refused("--write", "measured.yaml"),
                         "cairn: --write: costs are in forward steps, and the time of one is not known; give it by "
                         '--advance "3 ms", or as costs: {advance: 3 ms} in run42.yaml\n')
        self.assertEqual(self.measure_refused("--advance", "3"),
                         'cairn: --advance: "3" has no unit; write "3 ms" or "3 s"\n')
        self.assertEqual(self.measure_refused("--rounds", "0"),
                         "cairn: --rounds: 0 is no number of rounds; give 1 to 1000\n")
        self.assertEqual(self.measure_refused("--force"),
                         "cairn: --force: it lets --write FILE.yaml replace a file; give --write too, or leave it "
                         "out\n")
        self.assertEqual(self.measure_refused("--advance", "3 ms", "--write", "nowhere/measured.yaml"),
                         'cairn: --write: the folder "nowhere" is not there; make it or give another path\n')
        self.assertEqual(self.measure_refused("--advance", "3 ms", "--write", "."),
                         'cairn: --write: "." is not the path of a file; give one, such as measured.yaml\n')
        self.assertEqual(self.refused("measure", "run42.yaml", "--snapshot-bytes", "0"),
                         "cairn: --snapshot-bytes: 0 is no size of a snapshot; give the bytes of all fields together\n")
        self.assertRegex(self.refused("measure", "run42.yaml", "--snapshot-bytes", str(2**62)),
                         r"^cairn: --snapshot-bytes: \d+ of them are .+, and two must be in memory, which is .+ here\n$")
        self.write("small.yaml", self.TIERS.replace("5 slots", "4 KiB"))
        self.assertIn("small.yaml:5: tiers[1].capacity: ",
                      self.refused("measure", "small.yaml", "--snapshot-bytes", "300001"))
        self.write("far.yaml", self.TIERS.replace("run42.h5", "nowhere/run42.h5"))
        self.assertIn('far.yaml:6: tiers[2].path: the folder "nowhere" is not there',
                      self.refused("measure", "far.yaml", "--snapshot-bytes", "300001"))
        self.assertEqual(sorted(self.files()), ["far.yaml", "run42.yaml", "small.yaml"])


class TierFileCase(Case):
    def tier_file(self, kind, *more):
        subprocess.run([WRITE_TIER_FILE, kind, f"run42.{kind}", *more], check=True, cwd=self.folder, timeout=120)
        return f"run42.{kind}"

    def flip_a_byte_of_step(self, name, step):
        """Steps are written as their number modulo 251 in every byte of a field (write_tier_file.cpp)."""
        path = self.folder / name
        content = bytearray(path.read_bytes())
        at = content.find(bytes([step % 251]) * 4096)
        self.assertGreater(at, 0)
        content[at + 1000] ^= 1
        path.write_bytes(content)


class Inspect(TierFileCase):
    def shown(self, *arguments):
        done = self.cairn("inspect", *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        text = re.sub(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", "####-##-##T##:##:##Z", done.stdout)
        return re.sub(r"tier, .* on disk", "tier, # on disk", text)

    def test_shows_run_fields_and_slots_of_either_kind(self):
        for kind in ("hdf5", "mmap"):
            text = self.shown(self.tier_file(kind), "--verify")
            self.assertTrue(text.startswith(f"""\
run42.{kind}: {kind} tier, # on disk

run       cairn 0.1.0 on testhost, started ####-##-##T##:##:##Z
schedule  multistage
steps     1000
snapshot  24.0 KiB (24584 bytes), 28.0 KiB a slot
slots     64: 59 valid, 0 writing, 1 released, 4 empty

field     type     shape    axes  units  bytes
pressure  float32  64 x 96  z x   Pa     24576
time      float64  scalar         s          8

slot  step  status    save  saved at              checksum
   0     0  valid        1  ####-##-##T##:##:##Z  whole
   1    10  released     2  ####-##-##T##:##:##Z
   2    20  valid        3  ####-##-##T##:##:##Z  whole
"""), text)
            self.assertTrue(text.endswith("""\
  59   590  valid       60  ####-##-##T##:##:##Z  whole

Verified: 59 whole, 0 bad, 0 not summed (written with verify: never).
"""), text)

    def test_says_in_a_line_when_no_slot_holds_a_snapshot(self):
        for kind in ("hdf5", "mmap"):
            name = self.tier_file(kind, "released")
            self.assertTrue(self.shown(name).endswith("\nNo slot holds a snapshot now; 60 did, --all shows them.\n"))
            self.assertIn("  59   590  released", self.shown(name, "--all"))

    def test_shortens_long_lists_unless_asked(self):
        name = self.tier_file("mmap")
        short, whole = self.shown(name), self.shown(name, "--all")
        self.assertIn("\n... 28 more, --all shows them ...\n", short)
        self.assertEqual(len(re.findall(r"^ +\d+ +\d+ +(?:valid|released)", short, re.MULTILINE)), 32)
        self.assertEqual(len(re.findall(r"^ +\d+ +\d+ +(?:valid|released)", whole, re.MULTILINE)), 60)

    def test_prints_json_with_every_slot(self):
        for kind in ("hdf5", "mmap"):
            found = json.loads(self.cairn("inspect", self.tier_file(kind), "--json").stdout)
            self.assertEqual(list(found), [
                "file", "kind", "shared", "file_bytes", "version", "host", "start", "schedule", "steps", "config", "identity",
                "report", "fields", "snapshot_bytes", "slot_bytes", "slots", "status", "verified", "slots_in_use"])
            self.assertEqual((found["kind"], found["steps"], found["config"], found["identity"]),
                             (kind, 1000, "tiers: []\n", {"sweep": 1}))
            self.assertEqual(found["fields"][0], {"name": "pressure", "type": "float32", "extents": [64, 96],
                                                  "axes": ["z", "x"], "units": "Pa", "long_name": "", "bytes": 24576})
            self.assertEqual(found["status"], {"valid": 59, "writing": 0, "released": 1, "empty": 4})
            self.assertEqual([slot["step"] for slot in found["slots_in_use"]], list(range(0, 600, 10)))

    def test_names_the_snapshot_with_a_flipped_byte(self):
        for kind in ("hdf5", "mmap"):
            name = self.tier_file(kind)
            self.flip_a_byte_of_step(name, 70)
            done = self.cairn("inspect", name, "--verify")
            self.assertEqual(done.returncode, 1)
            self.assertEqual(done.stderr, f"cairn: {name}: 1 of 59 snapshots is bad: slot 7 (step 70)\n")
            self.assertRegex(done.stdout, r"\n   7    70  valid        8  \S+  BAD\n")
            self.assertRegex(done.stdout, r"\nbad: slot 7, step 70: checksum \w{32} instead of \w{32}\n")
            self.assertIn("\nVerified: 58 whole, 1 bad, 0 not summed", done.stdout)
            found = json.loads(self.cairn("inspect", name, "--verify", "--json").stdout)
            self.assertEqual((found["bad"], found["slots_in_use"][7]["verdict"]), (1, "bad"))
            self.assertEqual(self.cairn("inspect", name).returncode, 0)

    def test_says_what_was_never_summed(self):
        text = self.shown(self.tier_file("hdf5", "never"), "--verify")
        self.assertIn("Verified: 0 whole, 0 bad, 59 not summed", text)
        self.assertRegex(text, r"\n   0     0  valid        1  \S+  not summed\n")

    def test_refuses_files_that_it_cannot_read(self):
        self.write("notes.txt", "not a tier's file")
        self.assertRegex(self.refused("inspect", "notes.txt", code=1), r"^cairn: .*notes\.txt: .*not.*cairn.*\n$")
        self.assertRegex(self.refused("inspect", "no.h5", code=1), r"^cairn: .*no\.h5: .*\(ENOENT\)\n$")
        for kind in ("hdf5", "mmap"):
            name = self.tier_file(kind)
            content = (self.folder / name).read_bytes()
            (self.folder / name).write_bytes(content[:5000])
            self.assertRegex(self.refused("inspect", name, code=1), rf"^cairn: .*{re.escape(name)}.*\n$")


class Repair(TierFileCase):
    def repaired(self, *arguments, code=0):
        done = self.cairn("repair", *arguments)
        self.assertEqual((done.returncode, done.stderr), (code, ""))
        return re.sub(r"checksum \w{32} instead of \w{32}", "checksum # instead of #", done.stdout)

    def damaged(self, kind):
        name = self.tier_file(kind)
        self.flip_a_byte_of_step(name, 70)
        return name

    def test_finds_nothing_in_a_whole_file(self):
        for kind in ("hdf5", "mmap"):
            name = self.tier_file(kind)
            before = (self.folder / name).read_bytes()
            self.assertEqual(self.repaired(name), f"""\
run42.{kind}: {kind} tier, 64 slots, of a run started 2026-01-02T03:04:05Z, which has not ended

Saved: 59 whole, 0 not summed, 1 released. Not saved: 0 torn, 0 unreadable, 4 empty.
Nothing to repair.
""")
            self.assertEqual((self.folder / name).read_bytes(), before)

    def test_empties_torn_slots_and_no_others(self):
        for kind in ("hdf5", "mmap"):
            name = self.damaged(kind)
            self.assertEqual(self.repaired(name), f"""\
run42.{kind}: {kind} tier, 64 slots, of a run started 2026-01-02T03:04:05Z, which has not ended

slot  step  holds    done     because
   7    70  nothing  emptied  its bytes are not those that were saved: checksum # instead of #

Saved: 58 whole, 0 not summed, 1 released. Not saved: 1 torn, 0 unreadable, 4 empty.
Repaired: 1 slot emptied, 0 step words set right.
""")
            self.assertIn("Nothing to repair.\n", self.repaired(name))
            self.assertEqual(self.cairn("inspect", name, "--verify").returncode, 0)

    def test_changes_nothing_in_a_dry_run(self):
        name = self.damaged("hdf5")
        before = (self.folder / name).read_bytes()
        told = self.repaired(name, "--dry-run", code=1)
        self.assertIn("\n   7    70  nothing  emptied  its bytes are not", told)
        self.assertTrue(told.endswith("\nTo be repaired: 1 slot emptied, 0 step words set right.\n"), told)
        self.assertEqual((self.folder / name).read_bytes(), before)

    def test_lists_every_slot_where_that_is_asked_for(self):
        listing = self.repaired(self.tier_file("mmap"), "--all")
        self.assertEqual(len(re.findall(r"^ +\d+ +\d+  (?:snapshot|released)$", listing, re.MULTILINE)), 60)

    def test_prints_json_with_every_slot(self):
        name = self.damaged("mmap")
        told = json.loads(self.repaired(name, "--json"))
        self.assertEqual(list(told), ["dry_run", "files"])
        file = told["files"][0]
        self.assertEqual(list(file), ["file", "failure", "kind", "start", "end", "slots", "emptied", "step_words",
                                      "holds", "slots_in_use"])
        self.assertEqual((file["emptied"], file["end"], len(file["slots_in_use"])), (1, None, 60))
        self.assertEqual(file["holds"], {"snapshot": 58, "not summed": 0, "released": 1, "nothing": 1, "unreadable": 0})
        self.assertEqual((file["slots_in_use"][7]["step"], file["slots_in_use"][7]["done"]), (70, "emptied"))

    def test_repairs_the_others_where_one_cannot_be(self):
        self.write("notes.txt", "not a tier's file")
        name = self.damaged("hdf5")
        done = self.cairn("repair", "notes.txt", "no.h5", name)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"^cairn: .*notes\.txt: .*not.*cairn.*\ncairn: .*no\.h5: .*\(ENOENT\)\n$")
        self.assertIn("Repaired: 1 slot emptied", done.stdout)

    def test_leaves_a_file_alone_that_a_run_is_using(self):
        name = self.damaged("hdf5")
        before = (self.folder / name).read_bytes()
        with open(self.folder / name, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            done = self.cairn("repair", name)
        self.assertEqual((done.returncode, done.stderr), (
            1, f"cairn: {name}: open for writing in another program; close it there or choose another path\n"))
        self.assertEqual((self.folder / name).read_bytes(), before)


class SharedMemory(TierFileCase):
    """What all of the user's memory is asked for is asked in dry runs only: other tests have some of it."""

    def area(self, how=""):
        path = f"/dev/shm/cairn.cli-test-{os.getpid()}-{self.id().split('.')[-1]}-{how}"
        self.addCleanup(pathlib.Path(path).unlink, missing_ok=True)
        if how == "held":
            held = subprocess.Popen([WRITE_TIER_FILE, "shared", path, how], text=True, stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE)
            self.addCleanup(held.communicate)
            self.assertEqual(held.stdout.readline(), "held\n")
        else:
            subprocess.run([WRITE_TIER_FILE, "shared", path, how], check=True, timeout=120)
        return path

    def areas(self, *arguments, code):
        done = self.cairn("repair", "--shared", "--dry-run", "--json", *arguments)
        self.assertEqual(done.stderr, "")
        self.assertIn(done.returncode, code)
        return {area["file"]: area for area in json.loads(done.stdout)["shared"]}

    def test_is_inspected_as_a_ram_tier(self):
        path = self.area()
        done = self.cairn("inspect", path, "--verify")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, rf"^{re.escape(path)}: ram tier in shared memory, \S+ MiB of it\n")
        self.assertIn("Verified: 59 whole, 0 bad", done.stdout)
        found = json.loads(self.cairn("inspect", path, "--json").stdout)
        self.assertEqual((found["kind"], found["shared"]), ("ram", True))

    def test_of_use_is_repaired_and_stays(self):
        path = self.area()
        self.flip_a_byte_of_step(path, 70)
        done = self.cairn("repair", path)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(done.stdout.startswith(f"{path}: ram tier, 64 slots, of a run started 2026-01-02T03:04:05Z, "
                                               "which has not ended\n"), done.stdout)
        self.assertIn("\nRepaired: 1 slot emptied, 0 step words set right.\n", done.stdout)
        self.assertTrue(pathlib.Path(path).exists())

    def test_of_no_use_is_reclaimed(self):
        path = self.area("ended")
        would = self.cairn("repair", path, "--dry-run")
        self.assertEqual((would.returncode, would.stderr), (1, ""))
        self.assertRegex(would.stdout, rf"^{re.escape(path)}: \S+ MiB of shared memory with nothing that a run could go on "
                                       r"from: to be reclaimed\.\n$")
        self.assertTrue(pathlib.Path(path).exists())
        told = json.loads(self.cairn("repair", path, "--dry-run", "--json").stdout)["files"][0]
        self.assertEqual((told["state"], told["reclaimed"]), ("useless", False))
        done = self.cairn("repair", path)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(done.stdout.endswith("from: reclaimed.\n"), done.stdout)
        self.assertFalse(pathlib.Path(path).exists())
        self.assertRegex(self.refused("repair", path, code=1), r"\(ENOENT\)\n$")

    def test_in_use_is_left_alone(self):
        path = self.area("held")
        self.assertEqual(self.cairn("repair", path).returncode, 1)
        self.assertIn("in use by another run", self.cairn("repair", path).stderr)
        self.assertEqual(self.areas(code=(0, 1))[path]["state"], "in use")

    def test_is_listed(self):
        unended, ended, held = self.area(), self.area("ended"), self.area("held")
        found = self.areas(code=(1,))
        self.assertEqual(list(found[unended]), ["file", "failure", "kind", "name", "bytes", "state", "snapshots", "start",
                                                "problem", "reclaimed"])
        self.assertEqual([found[path]["state"] for path in (unended, ended, held)], ["resumable", "useless", "in use"])
        self.assertEqual((found[unended]["snapshots"], found[unended]["start"]), (60, "2026-01-02T03:04:05Z"))
        self.assertGreater(found[unended]["bytes"], 59 * 28672)
        text = self.cairn("repair", "--shared", "--dry-run").stdout
        self.assertRegex(text, r"^shared memory +takes  holds +done\n")
        self.assertRegex(text, rf"\n{re.escape(unended)} +\S+ MiB  60 snapshots of a run that has not ended \(started "
                               r"2026-01-02T03:04:05Z\); resume: true goes on with it +left\n")
        self.assertRegex(text, rf"\n{re.escape(ended)} +\S+ MiB  nothing that a run could go on from +to be reclaimed\n")
        self.assertRegex(text, rf"\n{re.escape(held)} +\S+ MiB  what a run that lives is using +left\n")
        for path in (unended, ended, held):
            self.assertTrue(pathlib.Path(path).exists())

    def test_is_asked_for_or_a_file_is_named(self):
        self.assertEqual(self.refused("repair", code=2), "cairn: FILE is required, or --shared; see cairn repair --help\n")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])

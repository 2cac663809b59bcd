# SPDX-License-Identifier: BSD-3-Clause
"""The command line as users run it: golden text for what people read, keys for what programs read.

Usage: cli_test.py CAIRN WRITE_TIER_FILE [unittest options]
"""
import json
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
PLAN_KEYS = ["schedule", "steps", "turns", "advances", "cost", "turn_cost", "levels", "actions", "plan_seconds"]


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
Plan reversals of long simulations, and look into the files that hold their snapshots.
Usage: cairn COMMAND ...

  plan       show what a schedule would cost, without running anything
  inspect    show what the file of an mmap or hdf5 tier holds

  --help     this text; cairn COMMAND --help for each command
  --version  the version of cairn

Exit codes: 0; 1 where a file cannot be read or has bad snapshots; 2 where the command or its input is wrong.
""")

    def test_explains_every_option_in_a_help_text(self):
        helps = self.cairn("plan", "--help").stdout + self.cairn("inspect", "--help").stdout
        options = re.findall(r'add_(?:option|flag)\("([^"]+)"', (SOURCES / "tools/cairn.cpp").read_text())
        self.assertGreater(len(options), 10)
        for option in options:
            self.assertRegex(helps, rf"\n  {option}\b", option)

    def test_refuses_what_is_no_command(self):
        self.assertEqual(self.refused(), "cairn: A subcommand is required; see cairn --help\n")
        self.assertEqual(self.refused("paln"),
                         'cairn: "paln" is not a command; there are plan and inspect, see cairn --help\n')
        self.assertEqual(self.refused("plan", "--steps", "5", "--slots", "1", "--fast"),
                         "cairn: The following argument was not expected: --fast; see cairn plan --help\n")
        self.assertEqual(self.refused("plan", "--slots", "1"), "cairn: --steps is required; see cairn plan --help\n")
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
level 0     10        294       559      0    10          0          0
level 1     20        210       440      0    20          2          0

advances  2472
turns     1000, each as dear as 2.5 advances
actions   4006, each replayed and found legal in #.### s
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
ram       25        775       800      0    25          0          0
mmap     104        260       364      0   104          0          0
hdf5     418        418       836      0   418          2        1.5

advances  3453
turns     2001, each as dear as 0 advances
actions   8907, each replayed and found legal in #.### s
cost      5543 forward steps: advances, turns, saves (takeshots, x_0's among them, and moves),
          loads (restores)

The plan costs 2.77 times what storing everything would (2000),
and 0.985 times what revolve with the 25 slots of ram alone would (5625).
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
            "turn_cost": 0, "actions": 3706706,
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
                (["--steps", "9", "--slots", "3", "--schedule", "auto"],
                 '--schedule: "auto" is of a later version of cairn; this one has revolve, multistage, periodic, '
                 'store_all'),
                (["--steps", "9", "--slots", "3", "--schedule", "best"],
                 '--schedule: "best" is not a schedule of this version of cairn; this one has revolve, multistage, '
                 'periodic, store_all'),
                (["--steps", "9", "--slots", "3,4", "--save-cost", "1"],
                 "--save-cost: 1 number for 2 levels; give one for each, such as 0,2"),
                (["--steps", "9", "--slots", "3", "--period", "4"],
                 "--period: multistage has no period; leave it out, or plan --schedule periodic"),
                (["--steps", "9", "--slots", "3", "--snapshot-bytes", "4"],
                 "--snapshot-bytes: it goes with CONFIG, whose capacities are sizes; --slots gives slots"),
                (["--steps", "9", "--slots", "3", "--json", "--actions"],
                 "--actions: it does not go with --json; leave out one of the two"),
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


class Inspect(Case):
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
                "file", "kind", "file_bytes", "version", "host", "start", "schedule", "steps", "config", "identity",
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


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])

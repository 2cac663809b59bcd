# SPDX-License-Identifier: BSD-3-Clause
"""Reads a tier's file as its owner would, beside the running writer and after it.

    read_file_test.py <write_file> <the folder docs/examples>
"""
import os
import subprocess
import sys
import tempfile

os.environ.pop("HDF5_USE_FILE_LOCKING", None)  # a user's own setting would decide whether writing is refused

import h5py
import numpy as np
import xarray

sys.path.insert(0, sys.argv[2])
import read_snapshots

FIELDS = {
    "pressure": ("<f4", (60, 80)),
    "previous": ("<f4", (60, 80)),
    "profile": ("<f8", (60,)),
    "time": ("<f8", ()),
    "mask": ("|u1", (30011,)),
}
STEPS = [0, 100, 200, -1, 400, -1]  # of slots 0 to 5; 6 and 7 come later


def dumped(folder, name, step):
    kind, shape = FIELDS[name]
    return np.fromfile(os.path.join(folder, f"{name}.{step}"), dtype=kind).reshape(shape)


def same_as_dumped(folder, step, fields):
    return set(fields) == set(FIELDS) and all(
        np.array_equal(fields[name], dumped(folder, name, step)) for name in FIELDS
    )


def check_h5py(path, folder):
    with h5py.File(path, "r") as file:
        assert file.attrs["cairn_format"] == 1
        assert file.attrs["default"].decode() == "checkpoints"
        assert file.attrs["NX_class"].decode() == "NXroot"
        group = file["checkpoints"]
        assert group.attrs["signal"].decode() == "pressure"
        assert [name.decode() for name in group.attrs["axes"]] == ["step", "z", "x"]
        assert list(group["step"][:6]) == STEPS
        assert [dim[0].name for dim in group["pressure"].dims] == [
            "/checkpoints/step", "/checkpoints/z", "/checkpoints/x"]
        for slot, step in enumerate(STEPS):
            row = group["ledger"][slot]
            if step >= 0:
                assert row["step"] == step and row["status"] == 2 and row["magic"].tobytes() == b"cairnrow"
                assert same_as_dumped(folder, step, {name: group[name][slot] for name in FIELDS})
        assert h5py.check_enum_dtype(group["ledger"].dtype["status"])["released"] == group["ledger"][3]["status"]
        assert group["ledger"][5]["status"] == 0
        run = file["run"]
        assert run["steps"][()] == 500 and run["advances"][()] == 1234
        assert run["config"][()] == b"schedule: multistage\n"
        assert run["identity"][()] == b'{"sweep": 1}' and run["report"][()] == b'{"advances": 1234}'
        assert run["actions"][:].tolist() == [[9, 5], [8, 4], [0, 0], [7, 1]]
        assert run["stall_seconds"][:].tolist() == [0, 0.5]
        assert run["end"][()] == b"2024-02-29T13:00:00Z"
        assert run.attrs["schedule"] == b"multistage" and run.attrs["start"].endswith(b"Z")


def check_xarray(path, folder, engine):
    with xarray.open_dataset(path, group="checkpoints", engine=engine) as data:
        assert data.pressure.dims == ("step", "z", "x"), data.pressure.dims
        assert data.profile.dims == ("step", "z") and data.time.dims == ("step",)
        assert data["mask"].dims == ("step", "n30011")
        units = data.pressure.attrs["units"]
        assert (units.decode() if isinstance(units, bytes) else units) == "Pa", units
        assert data.step.dtype == np.int64
        assert np.array_equal(data.x, -200 + 5.0 * np.arange(80)) and np.array_equal(data.z, 2.5 * np.arange(60))
        for step in (100, 400):
            chosen = data.sel(step=step)
            for name in FIELDS:
                assert np.array_equal(chosen[name].values, dumped(folder, name, step)), (engine, name, step)
        assert np.array_equal(data.pressure.sel(step=200, x=-190, z=5), dumped(folder, "pressure", 200)[2, 2])
        data.drop_vars("ledger", errors="ignore").to_netcdf(os.path.join(folder, f"copy-{engine}.nc"))


def check_tools(path):
    for command in (["h5dump", "-H", path], ["h5dump", "-d", "/checkpoints/ledger", path]):
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0 and done.stderr == "", done.stderr
    assert "valid" in done.stdout and "released" in done.stdout  # the status is a word
    listed = subprocess.run(["h5ls", "-r", path], capture_output=True, text=True).stdout
    assert " ".join(listed.split()) == " ".join(LISTED.split()), listed


LISTED = """
/                        Group
/checkpoints             Group
/checkpoints/ledger      Dataset {8}
/checkpoints/mask        Dataset {8, 30011}
/checkpoints/n30011      Dataset {30011}
/checkpoints/pressure    Dataset {8, 60, 80}
/checkpoints/previous    Dataset {8, 60, 80}
/checkpoints/profile     Dataset {8, 60}
/checkpoints/step        Dataset {8}
/checkpoints/time        Dataset {8}
/checkpoints/x           Dataset {80}
/checkpoints/z           Dataset {60}
/run                     Group
/run/actions             Dataset {4, 2}
/run/advances            Dataset {SCALAR}
/run/config              Dataset {SCALAR}
/run/end                 Dataset {SCALAR}
/run/identity            Dataset {SCALAR}
/run/report              Dataset {SCALAR}
/run/stall_seconds       Dataset {2}
/run/steps               Dataset {SCALAR}
"""


def check_example(path, folder):
    for slot, step in enumerate(STEPS):
        snapshot = read_snapshots.read_slot(path, slot)
        if step < 0:
            assert snapshot is None, slot
        else:
            assert snapshot[0] == step and same_as_dumped(folder, *snapshot), slot
    example = os.path.join(sys.argv[2], "read_snapshots.py")
    printed = subprocess.run([sys.executable, example, path], capture_output=True, text=True, check=True).stdout
    assert printed.startswith("slot 0: step 0: mask (30011,), pressure (60, 80), previous (60, 80), "), printed


def check_that_the_page_shows_the_example():
    with open(os.path.join(sys.argv[2], "read_snapshots.py")) as file:
        function = file.read().split("\n\n\n")[1]
    with open(os.path.join(sys.argv[2], "..", "format.md")) as file:
        assert function in file.read(), "docs/format.md shows another read_slot than docs/examples/read_snapshots.py"


def check_readers(path, folder):
    check_h5py(path, folder)
    check_example(path, folder)
    check_tools(path)
    for engine in ("netcdf4", "h5netcdf"):
        check_xarray(path, folder, engine)


def check_that_writing_is_refused(path):
    try:
        h5py.File(path, "r+").close()
    except OSError as error:
        assert "lock" in str(error), error
    else:
        raise AssertionError("h5py opened the file for writing beside the running writer")


def check_beside_saves(path, folder):
    """The example's rule, while slots 6 and 7 change all the time: what it returns is whole."""
    taken = 0
    for _ in range(200):
        for slot in (6, 7):
            snapshot = read_snapshots.read_slot(path, slot)
            if snapshot:
                taken += 1
                assert same_as_dumped(folder, *snapshot), f"slot {slot}, step {snapshot[0]}"
    assert taken > 0, "no slot stayed as it was for the time of a read"
    print(f"{taken} of 400 reads beside saves were taken")


def main():
    check_that_the_page_shows_the_example()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "run.h5")
        writer = subprocess.Popen([sys.argv[1], path, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            assert writer.stdout.readline() == "written\n"
            check_readers(path, folder)
            check_that_writing_is_refused(path)
            writer.stdin.write("save\n")
            writer.stdin.flush()
            assert writer.stdout.readline() == "saving\n"
            check_beside_saves(path, folder)
            writer.stdin.write("end\n")
            writer.stdin.flush()
            assert writer.wait(60) == 0
        finally:
            writer.kill()
            writer.wait()
        check_readers(path, folder)


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Opens files of killed runs as their owner would and compares every snapshot marked valid with the true states.

Usage: check_killed_file.py STATES POINTS FILE...    STATES: float64 [steps, 2, POINTS], pressure and previous of x_t
"""
import subprocess
import sys

import h5py
import numpy
import xarray


def check(path, states):
    with h5py.File(path, "r") as file:
        group = file["checkpoints"]
        steps = group["step"][:]
        for slot in numpy.flatnonzero(steps >= 0):
            true = states[steps[slot]]
            for name, values in (("pressure", true[0]), ("previous", true[1])):
                found = group[name][slot].ravel()
                assert (found.view("u8") == values.view("u8")).all(), f"{path}: slot {slot}, step {steps[slot]}: {name}"
            assert group["ledger"][slot]["status"] == 2, f"{path}: slot {slot} is in use without a valid row"
    for engine in ("netcdf4", "h5netcdf"):
        with xarray.open_dataset(path, group="checkpoints", engine=engine) as dataset:
            assert dataset["pressure"].dims == ("step", "z", "x"), dataset["pressure"].dims
            assert (dataset["step"].values == steps).all()
    subprocess.run(["h5dump", "-H", path], check=True, stdout=subprocess.DEVNULL)
    return int((steps >= 0).sum())


def main():
    points = int(sys.argv[2])
    states = numpy.fromfile(sys.argv[1]).reshape(-1, 2, points)
    print(sum(check(path, states) for path in sys.argv[3:]))


main()

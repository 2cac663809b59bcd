# SPDX-License-Identifier: BSD-3-Clause
"""Prints the snapshots in a file of cairn. Right during the run, after it, and after a kill."""
import sys

import h5py

VALID = 2


def read_slot(path, slot):
    """(step, {field: array}) of a slot, or None where it holds no snapshot or is changed while we read."""
    with h5py.File(path, "r") as file:
        before = file["checkpoints/ledger"][slot]
        if before["status"] != VALID:
            return None
        fields = {name: data[slot] for name, data in file["checkpoints"].items() if "cairn_field" in data.attrs}
    with h5py.File(path, "r") as file:  # opened anew: h5py must not answer from its memory
        after = file["checkpoints/ledger"][slot]
    same = after["status"] == VALID and after["sequence"] == before["sequence"]
    return (int(before["step"]), fields) if same else None


if __name__ == "__main__":
    with h5py.File(sys.argv[1], "r") as file:
        slots = len(file["checkpoints/step"])
    for slot in range(slots):
        snapshot = read_slot(sys.argv[1], slot)
        if snapshot:
            step, fields = snapshot
            print(f"slot {slot}: step {step}:", ", ".join(f"{name} {data.shape}" for name, data in fields.items()))

"""Prints what NumPy finds in an .npz file as JSON: floats as the integers that their bits make."""
import json
import sys

import numpy

arrays = {}
with numpy.load(sys.argv[1], allow_pickle=False) as file:
    for name in file.files:
        array = file[name]
        bits = array.view("<u4") if array.dtype == numpy.float32 else array
        arrays[name] = {
            "type": array.dtype.name,
            "shape": list(array.shape),
            "values": bits.ravel(order="C").tolist(),
        }
    for name in file.files:
        if name.endswith(".weight_scale"):
            codes = file[name[: -len("_scale")]]
            scales = file[name].reshape(-1, 1, 1, 1)
            real = (scales * codes.astype(numpy.float32)).astype("<f4")
            arrays[name[: -len("_scale")] + ".real"] = {"values": real.view("<u4").ravel().tolist()}
json.dump(arrays, sys.stdout)

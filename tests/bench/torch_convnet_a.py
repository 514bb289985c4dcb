#!/usr/bin/python3
"""PyTorch's float inference of ConvNet A, as the peer of tests/bench/inference: channels last, a
synthetic batch already in memory. Takes the options of STAIRCASE_PEER and prints the same JSON.
"""
import argparse
import json
import resource
import time

import torch
import torch.nn as nn


def build(classes=10):
    layers, inputs = [], 3
    for stage in range(3):
        outputs = 128 << stage
        for pool in (False, True):
            layers.append(nn.Conv2d(inputs, outputs, 3, padding=1, bias=False))
            layers += [nn.MaxPool2d(2)] if pool else []
            layers += [nn.BatchNorm2d(outputs), nn.Hardtanh()]
            inputs = outputs
    layers.append(nn.Flatten())
    for units, last in ((1024, False), (1024, False), (classes, True)):
        layers += [nn.Linear(inputs * 16 if inputs == 512 else inputs, units, bias=False),
                   nn.BatchNorm1d(units)]
        layers += [] if last else [nn.Hardtanh()]
        inputs = units
    return nn.Sequential(*layers)


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--net", default="convneta", choices=["convneta"])
    p.add_argument("--mode", default="infer", choices=["infer"])
    p.add_argument("--batch", type=int, default=128)
    p.add_argument("--steps", type=int, default=7)
    p.add_argument("--threads", type=int, default=2)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(1)
    net = build().to(memory_format=torch.channels_last).eval()
    x = torch.rand(a.batch, 3, 32, 32).contiguous(memory_format=torch.channels_last)
    times = []
    with torch.no_grad():
        for _ in range(a.steps + 2):
            start = time.perf_counter()
            net(x)
            times.append(time.perf_counter() - start)
    times = sorted(times[2:])
    print(json.dumps({"peer": "pytorch " + torch.__version__, "net": a.net, "mode": a.mode,
                      "batch": a.batch, "threads": a.threads,
                      "images_per_s": round(a.batch / times[len(times) // 2], 1),
                      "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))


if __name__ == "__main__":
    main()

"""The benchmark suite (`scripts/benchmark`): how fast, how reliable and how frugal the product is, measured from outside.

machine.py     what Linux says about processes: CPU, memory, the machine's other work; pinning
processes.py   servers started for a measurement and always ended
upstream.py    a model server that costs next to nothing (engineering figures)
load.py        closed-loop load generator, a process of its own, described by client.py
floors/        what the same machine can do at best: the framework's hello, a bare pass-through
figures.py     numbers with their noise, and medians over rounds
measure.py     the engineering figures of one round
workload.py    the mixed traffic of a school day, from a seed
traffic.py     sends it and reads every answer
trials.py      the KPI runs: all on, routing off, cache off, failing models, simultaneous conversations
kpi.py         the KPI table's targets and verdicts
memory.py      the soak and its trend
peers.py       other gateways in the same run, when a folder with their bench is given
report.py      text, JSON and HTML
"""

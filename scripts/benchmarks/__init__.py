"""The benchmark suite (`scripts/benchmark`): how fast, how reliable and how frugal the product is, measured from outside.

    __main__.py    the command line: what is measured in which order
    machine.py     what Linux says about processes: CPU, memory, the machine's other work; pinning
    processes.py   servers started for a measurement and always ended
    upstream.py    a model server that costs next to nothing
    client.py      one load described, and its result; load.py does it in a process of its own
    floors/        what the same machine can do at best: the framework's hello, a bare pass-through
    measure.py     the engineering figures of one round; figures.py, quantiles.py: numbers, noise, medians
    workload.py    the mixed traffic of a school day, from a seed; traffic.py sends it and reads every answer
    trials.py      the KPI runs: all on, routing off, cache off, failing models, simultaneous conversations
    kpi.py         the KPI table's targets and verdicts
    memory.py      the soak; trend.py: whether memory grows
    peers.py       other gateways in the same run, when a folder with their bench is given
    report.py      text and JSON; page.py: HTML; progress.py: bars

Nothing of the product imports this, and nothing here reaches into the product: what is measured is what a caller sees.
"""

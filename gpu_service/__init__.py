"""The own Gemma's service: vLLM, started with arguments that fit the accelerator, behind a thin front in its own process.

    hardware.py models.py        what there is: accelerators, Gemma 4's sizes and forms, each figure with its source
    memory.py plan.py plans.py   what fits: arithmetic · the plan or a refusal · plans.json, which Terraform reads
    settings.py arguments.py serve.py   the environment · vLLM's command line · the command that becomes vLLM
    front.py health.py inner.py gpu.py log.py   inside vLLM's server: queue bound, drain, real health, GPU metrics, log lines

It is an image of its own and imports nothing of `shared/`.
"""

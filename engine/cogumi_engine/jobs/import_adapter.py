"""A PEFT adapter of others, checked against the base that it is to serve on; see `ImportAdapterOptions` in the contracts."""

import shutil
from pathlib import Path
from typing import Any

from cogumi_engine.adapters import load_adapter, read_adapter_config, refuse_unservable
from cogumi_engine.errors import JobError
from cogumi_engine.job import Job
from cogumi_engine.models import load_model
from cogumi_engine.options import ImportAdapterOptions

FILES = ("adapter_config.json", "adapter_model.safetensors")


def run(job: Job[ImportAdapterOptions]) -> dict[str, Any]:
    """Output: the adapter's two files. Errors: ADAPTER_KIND, ADAPTER_FOREIGN, ADAPTER_CORRUPT, ADAPTER_MISMATCH, DEAD_ADAPTER."""
    model, adapter = job.input("model"), job.input("adapter")
    config = read_adapter_config(adapter)
    refuse_unservable(adapter, config)
    ranks = [config.get("r"), *(config.get("rank_pattern") or {}).values()]
    if not all(isinstance(rank, int) and rank > 0 for rank in ranks):
        message = f"{adapter} has rank {', '.join(map(str, ranks))} in its adapter_config.json; a rank is 1 or more."
        raise JobError("ADAPTER_CORRUPT", message, "Train or fetch the adapter again.")
    _refuse_pickle(adapter)
    both = load_adapter(load_model(model), adapter)
    layers = sum(1 for name, _ in both.named_parameters() if ".lora_A." in name)
    for name in FILES:
        shutil.copyfile(adapter / name, job.output / name)
    return {"rank": max(ranks), "layers": layers, "madeFor": str(config.get("base_model_name_or_path") or "")[:200]}


def _refuse_pickle(folder: Path) -> None:
    """A pickle runs code when it is read."""
    if (folder / "adapter_model.bin").exists() and not (folder / "adapter_model.safetensors").exists():
        message = f"{folder} holds adapter_model.bin, a pickle, which runs code when it is read."
        raise JobError("ADAPTER_FOREIGN", message, "Save it as safetensors (`save_pretrained(folder)` of a current PEFT).")

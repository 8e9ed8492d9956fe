"""Several processes that train one model: who writes, and how their sums become one."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard

from cogumi_engine.errors import JobError

Value = TypeVar("Value")


class Distributed:
    """The processes that train together: as it is, one alone, which has every sum already."""

    rank = 0
    world_size = 1

    @property
    def is_main(self) -> bool:
        """Whether this process reports and writes files."""
        return self.rank == 0

    def all_reduce(self, values: dict[str, float]) -> dict[str, float]:
        """Sums over all processes, by name; a process may lack a name."""
        return values

    def all_gather(self, value: Value) -> list[Value]:
        """The values of all processes, by rank."""
        return [value]

    def all_reduce_gradients(self, parameters: Iterable[torch.nn.Parameter]) -> None:
        """Replaces every gradient by its sum over all processes."""

    def barrier(self) -> None:
        """Waits until every process is here."""

    def shard(self, layers: Iterable[nn.Module]) -> None:
        """Cuts the frozen weights of these layers over the processes: a layer is whole only while it computes."""

    def passes(self, own: int) -> int:
        """Passes that each process makes where this one has batches for `own`: a sharded layer waits for all of them."""
        return own

    def check_rows(self, count: int) -> None:
        """Errors: TOO_FEW_ROWS, where a process would have none."""
        if self.world_size > count:
            message = f"{self.world_size} processes would share {count} rows."
            raise JobError("TOO_FEW_ROWS", message, f"Set `devices` to at most {count}, or give more rows.")


class TorchDistributed(Distributed):
    """Processes that `torchrun` started: gloo on CPUs, NCCL on GPUs."""

    def __init__(self, device: str) -> None:
        if device == "cuda":
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        if not dist.is_initialized():
            dist.init_process_group("nccl" if device == "cuda" else "gloo")
        self.rank, self.world_size = dist.get_rank(), dist.get_world_size()
        self.device, self.sharded = device, False

    def all_reduce(self, values: dict[str, float]) -> dict[str, float]:
        parts = self.all_gather(values)
        # In the order of the ranks, so that every process gets the same sum to the last bit.
        names = dict.fromkeys(name for part in parts for name in part)
        return {name: sum(part.get(name, 0.0) for part in parts) for name in names}

    def all_gather(self, value: Value) -> list[Value]:
        values = [value] * self.world_size
        dist.all_gather_object(values, value)
        return values

    def all_reduce_gradients(self, parameters: Iterable[torch.nn.Parameter]) -> None:
        for parameter in parameters:
            # A process without a row of this step has no gradients; the others wait for it all the same.
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            dist.all_reduce(parameter.grad)

    def barrier(self) -> None:
        dist.barrier()

    def shard(self, layers: Iterable[nn.Module]) -> None:
        mesh = init_device_mesh(self.device, (self.world_size,))
        for layer in layers:
            # What learns is small and whole in each process, so that optimizers, checkpoints and files are those of one process.
            learns = {value for value in layer.parameters() if value.requires_grad}
            fully_shard(layer, mesh=mesh, reshard_after_forward=True, ignored_params=learns)
        self.sharded = True

    def passes(self, own: int) -> int:
        return max(self.all_gather(own)) if self.sharded else own


def connect(device: str) -> Distributed:
    """The processes of this job: those of `torchrun`, which sets WORLD_SIZE, or this one."""
    return TorchDistributed(device) if int(os.environ.get("WORLD_SIZE", "1")) > 1 else Distributed()


@contextmanager
def main_first(distributed: Distributed) -> Iterator[None]:
    """The main process runs the block before the others do: it makes files that they read."""
    if not distributed.is_main:
        distributed.barrier()
    yield
    if distributed.is_main:
        distributed.barrier()

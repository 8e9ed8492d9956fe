"""Which parameter is moved by what."""

import pytest
import torch
from conftest import loop_options
from transformers import LlamaConfig, LlamaForCausalLM

from cogumi_engine.optimizers import make_optimizers


def tiny(tied: bool) -> LlamaForCausalLM:
    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    return LlamaForCausalLM(LlamaConfig(vocab_size=32, tie_word_embeddings=tied, **sizes))


def names_of(model, optimizer):
    held = {id(value) for group in optimizer.param_groups for value in group["params"]}
    return {name for name, value in model.named_parameters() if id(value) in held}


@pytest.mark.parametrize("tied", [True, False])
def test_muon_moves_the_matrices_between_embedding_and_head(tied):
    model = tiny(tied)
    parameters = dict(model.named_parameters())
    adamw, muon = make_optimizers(model, parameters, loop_options(optimizer="muon"))
    matrices = {name for name in parameters if "proj" in name}
    assert names_of(model, muon) == matrices
    assert names_of(model, adamw) == set(parameters) - matrices
    decays = {
        name: group["weight_decay"]
        for group in adamw.param_groups
        for name in parameters
        if any(parameters[name] is value for value in group["params"])
    }
    assert {name for name, decay in decays.items() if decay == 0} == {name for name in parameters if "norm" in name}


def test_adamw_moves_everything():
    model = tiny(True)
    (adamw,) = make_optimizers(model, dict(model.named_parameters()), loop_options(optimizer="adamw"))
    assert names_of(model, adamw) == {name for name, _ in model.named_parameters()}


def test_a_step_of_muon_is_about_as_large_as_one_of_adamw():
    sizes = {}
    for optimizer in ("adamw", "muon"):
        torch.manual_seed(1)
        model = tiny(True)
        before = {name: value.detach().clone() for name, value in model.named_parameters() if "proj" in name}
        made = make_optimizers(model, dict(model.named_parameters()), loop_options(optimizer=optimizer, weightDecay=0))
        ids = torch.arange(32)[None]
        model(input_ids=ids, labels=ids).loss.backward()
        for one in made:
            one.step()
        moved = [(value - before[name]).square().mean() for name, value in model.named_parameters() if name in before]
        sizes[optimizer] = float(torch.stack(moved).mean().sqrt().detach())
    assert 0.1 < sizes["muon"] / sizes["adamw"] < 1

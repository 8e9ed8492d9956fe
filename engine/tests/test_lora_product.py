"""The product of LoRA layers against PEFT's own forward pass."""

import pytest
import torch
from conftest import chat_row, loop_options, tiny_model
from peft.tuners.lora import Linear

from cogumi_engine.adapters import attach
from cogumi_engine.batches import pad
from cogumi_engine.lora_product import use_lora_products
from cogumi_engine.losses import cross_entropy
from cogumi_engine.rows import encode


def adapted(tokenizer, **changes):
    """An adapter that says something, on a model with biases."""
    model = attach(tiny_model(tokenizer, attention_bias=True, mlp_bias=True), loop_options(**changes))
    torch.manual_seed(1)
    with torch.no_grad():
        for name, value in model.named_parameters():
            if ".lora_B." in name or name.endswith(".bias"):
                value.normal_(std=0.3)
    return model


@pytest.mark.parametrize("changes", [{}, {"adapter": "rslora"}])
def test_loss_and_gradients_are_those_of_peft(tokenizer, changes):
    batch = pad([encode(tokenizer, chat_row(number), 0.0) for number in range(6)], 0)
    results = []
    for fast in (False, True):
        model = adapted(tokenizer, **changes)
        if fast:
            use_lora_products(model)
        loss = cross_entropy(model.get_base_model(), batch).sum
        loss.backward()
        gradients = {name: value.grad for name, value in model.named_parameters() if value.requires_grad}
        results.append((loss, gradients))
    (wanted, wanted_gradients), (got, gradients) = results
    torch.testing.assert_close(got, wanted, atol=1e-4, rtol=1e-5)
    assert gradients.keys() == wanted_gradients.keys() and len(gradients) == 28
    torch.testing.assert_close(gradients, wanted_gradients, atol=1e-4, rtol=1e-4)


def test_in_bf16_losses_and_gradients_are_those_of_peft_up_to_the_rounding(tokenizer):
    batch = pad([encode(tokenizer, chat_row(number), 0.0) for number in range(6)], 0)
    exact = adapted(tokenizer)
    cross_entropy(exact.get_base_model(), batch).sum.backward()
    wanted = torch.cat([value.grad.flatten() for value in exact.parameters() if value.requires_grad])
    apart = []
    for fast in (False, True):
        model = attach(tiny_model(tokenizer, attention_bias=True, mlp_bias=True).to(torch.bfloat16), loop_options())
        model.load_state_dict(exact.state_dict())
        if fast:
            use_lora_products(model)
        with torch.autocast("cpu", torch.bfloat16):
            loss = cross_entropy(model.get_base_model(), batch).sum
        loss.backward()
        trained = [value for value in model.parameters() if value.requires_grad]
        assert {value.grad.dtype for value in trained} == {torch.float32}, "what is trained stays in f32"
        apart.append(float((torch.cat([value.grad.flatten() for value in trained]) - wanted).norm() / wanted.norm()))
    assert 0 < apart[1] < 1.5 * apart[0] < 0.2


@pytest.mark.parametrize("changes", [{"dropout": 0.5}, {"adapter": "dora"}])
def test_layers_that_are_no_plain_lora_keep_the_forward_pass_of_peft(tokenizer, changes):
    model = adapted(tokenizer, **changes)
    use_lora_products(model)
    layers = [layer for layer in model.modules() if isinstance(layer, Linear)]
    assert len(layers) == 14 and not any("forward" in vars(layer) for layer in layers)

"""Attention kernels: each document of a packed line sees only itself, whatever the kernel."""

import pytest
import torch
from conftest import lines_of, on_gpu, tiny_model
from transformers import Gemma2Config, Gemma2ForCausalLM, MistralConfig, MistralForCausalLM

from cogumi_engine.attention import KERNEL, attend_in_f32, document_lengths
from cogumi_engine.batches import pack, pad
from cogumi_engine.device import prepare
from cogumi_engine.losses import token_losses
from cogumi_engine.models import load_model
from cogumi_engine.rows import Example


def example(length, seed):
    ids = torch.randint(3, 60, (length,), generator=torch.Generator().manual_seed(seed)).tolist()
    return Example(ids, [1.0] * length)


def test_lengths_are_those_of_the_documents_and_of_the_padding_of_each_line():
    documents = torch.tensor([[0, 0, 0, 1, 1, 2, -1, -1], [0, 0, 0, 0, 0, 0, 0, 0], [0, 1, 1, 1, 1, 1, 1, -1]])
    assert document_lengths(documents).tolist() == [3, 2, 1, 2, 8, 1, 6, 1]


def test_packed_documents_have_the_losses_that_a_mask_in_plain_sight_gives(tokenizer):
    """A mask of [length, length], which the kernel does without, applied by transformers' own eager attention."""
    model = tiny_model(tokenizer)
    batch = pack([[example(5, 1), example(1, 2), example(9, 3)], [example(12, 4), example(2, 5)]], 0)
    model.set_attn_implementation(KERNEL)
    with torch.no_grad():
        got = token_losses(model, batch)
        same = batch.documents[:, :, None] == batch.documents[:, None, :]
        allowed = (same & torch.ones(15, 15, dtype=torch.bool).tril())[:, None]
        mask = torch.zeros(allowed.shape).masked_fill(~allowed, torch.finfo(torch.float32).min)
        model.set_attn_implementation("eager")
        logits = model(input_ids=batch.ids, attention_mask=mask, position_ids=batch.positions).logits
    wanted = torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), batch.ids[:, 1:].flatten(), reduction="none")
    torch.testing.assert_close(got, wanted[batch.weights[:, 1:].flatten() > 0], atol=1e-5, rtol=1e-5)


def test_a_sliding_window_holds_inside_a_document(tokenizer):
    torch.manual_seed(0)
    shape = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1}
    model = MistralForCausalLM(MistralConfig(vocab_size=64, sliding_window=4, initializer_range=0.3, **shape)).eval()
    model.set_attn_implementation(KERNEL)
    rows = [example(20, 1), example(3, 2), example(7, 3)]
    with torch.no_grad():
        packed = token_losses(model, pack([rows], 0))
        single = torch.cat([token_losses(model, pad([row], 0)) for row in rows])
        model.config.sliding_window = None
        full = torch.cat([token_losses(model, pad([row], 0)) for row in rows])
    torch.testing.assert_close(packed, single, atol=1e-5, rtol=1e-5)
    assert (single - full).abs().max() > 0.01, "the window matters here"


def test_soft_capped_scores_are_those_of_plain_attention_alone_packed_and_step_by_step():
    """PyTorch's own kernels leave the cap out without a word."""
    torch.manual_seed(0)
    shape = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2}
    caps = {"attn_logit_softcapping": 2.0, "sliding_window": 6, "head_dim": 8, "query_pre_attn_scalar": 8}
    model = Gemma2ForCausalLM(Gemma2Config(vocab_size=64, initializer_range=0.5, pad_token_id=0, **caps, **shape)).eval()
    rows = [example(20, 1), example(3, 2), example(7, 3)]
    ids = torch.tensor([rows[0].ids])
    with torch.no_grad():
        model.set_attn_implementation("eager")
        wanted = torch.cat([token_losses(model, pad([row], 0)) for row in rows])
        logits = model(input_ids=ids).logits
        model.set_attn_implementation(KERNEL)
        torch.testing.assert_close(token_losses(model, pack([rows], 0)), wanted, atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(torch.cat([token_losses(model, pad([row], 0)) for row in rows]), wanted, atol=1e-5, rtol=1e-5)
        first = model(input_ids=ids[:, :12], use_cache=True)
        rest = [model(input_ids=ids[:, at : at + 1], past_key_values=first.past_key_values).logits for at in range(12, 20)]
        torch.testing.assert_close(torch.cat([first.logits, *rest], 1), logits, atol=1e-4, rtol=1e-4)
        for layer in model.model.layers:
            layer.self_attn.attn_logit_softcapping = None
        assert (model(input_ids=ids).logits - logits).abs().max() > 0.01, "the cap matters here"


@pytest.mark.parametrize("most", [32, 9])
def test_attention_in_f32_changes_only_the_rounding(model_folder, most):
    rows = [example(6, 1), example(3, 2)]
    model = load_model(model_folder)
    batches = [pad(rows, 0), pack(lines_of(rows, most), 0)]
    before = [token_losses(model, batch) for batch in batches]
    attend_in_f32(model)
    for batch, losses in zip(batches, before, strict=True):
        assert torch.allclose(token_losses(model, batch), losses, atol=1e-5)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            half = token_losses(model, batch)
        assert not torch.equal(half, losses)
        assert torch.allclose(half, losses, atol=0.1)


@on_gpu
@pytest.mark.parametrize("window", [None, 4])
def test_a_gpu_gives_packed_documents_the_gradients_of_each_alone_and_the_same_each_time(window):
    prepare(0, 1, "cuda")
    shape = {"hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2}
    model = MistralForCausalLM(MistralConfig(vocab_size=64, sliding_window=window, initializer_range=0.2, **shape))
    model = model.to("cuda", torch.bfloat16).train()
    model.set_attn_implementation(KERNEL)
    rows = [example(length, length) for length in (400, 3, 7, 90, 1)]
    packed, alone = pack([rows[:3], rows[3:]], 0).to("cuda"), [pad([row], 0).to("cuda") for row in rows[:4]]

    def losses_and_gradients(batches):
        model.zero_grad()
        losses = torch.cat([token_losses(model, batch) for batch in batches])
        losses.sum().backward()
        return losses.detach().float(), torch.cat([value.grad.flatten() for value in model.parameters()]).float()

    (losses, gradients), (wanted, wanted_gradients) = losses_and_gradients([packed]), losses_and_gradients(alone)
    torch.testing.assert_close(losses, wanted, atol=0.05, rtol=0.02)
    assert (gradients - wanted_gradients).norm() < 0.02 * wanted_gradients.norm()
    for _ in range(5):
        assert torch.equal(losses_and_gradients([packed])[1], gradients)

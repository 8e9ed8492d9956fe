"""Options of the jobs, one class per job. Written by scripts/write-generated.ts from packages/contracts/src/jobs: do not edit."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class LoopOptions:
    """Options that several jobs share."""

    learning_rate: float
    """Peak of the cosine schedule."""
    warmup_fraction: float
    """Share of the steps in which the rate rises."""
    final_fraction: float
    """Rate at the end, as a share of the peak."""
    optimizer: Literal["adamw", "muon"]
    """`muon`: for the matrices between embedding and head, AdamW for the rest."""
    weight_decay: float
    """Decoupled decay of matrices; vectors have none."""
    gradient_clip: float
    """Largest L2 norm of all gradients together."""
    batch_tokens: int
    """Most tokens of one optimizer step, padding not counted."""
    micro_batch_tokens: int | None
    """Most tokens of one forward and backward pass, padding included: it bounds memory and changes results by rounding only. A longer row is a pass of its own. null: as many as `batchTokens`."""
    max_row_tokens: int
    """A longer row is left out and counted, never truncated."""
    batching: Literal["pack", "group"]
    """`pack`: rows end to end, each with its own attention and positions; `group`: rows of similar length, padded."""
    order: Literal["random", "file"]
    """`random`: shuffled again in each epoch; `file`: in file order, for curriculum data."""
    checkpoint_every_steps: int
    """Steps between checkpoints: the most work that a kill can cost."""
    validate_every_steps: int | None
    """Steps between measurements of the loss on held-out rows. null: ten in all, or as many as take a tenth of the time."""
    patience: int
    """Validations without gain before training stops; 0: never."""
    gradient_checkpointing: bool
    """Less memory for about a third more time."""
    precision: Literal["auto", "bf16", "f32"]
    """`auto`: bf16 where the device is faster with it, which is measured."""


@dataclass(frozen=True, kw_only=True)
class PretrainOptions(LoopOptions):
    """Options of the job `pretrain`."""

    vocabulary_size: int
    """Entries of the tokenizer, which is trained on the rows."""
    hidden_size: int
    """k-quants and group-128 need multiples of 256."""
    layers: int
    """Transformer blocks."""
    heads: int
    """Attention heads for queries."""
    key_value_heads: int
    """Attention heads for keys and values."""
    feed_forward_size: int
    """Width inside a feed-forward block."""
    rope_theta: float
    """Base of the rotary positions: lower resolves near tokens better, higher reaches farther."""
    context_tokens: int
    """Longest input of the model."""
    steps: int
    """Optimizer steps."""
    prompt_loss_weight: float
    """Weight of the tokens of a question; answers and running text weigh 1."""


@dataclass(frozen=True, kw_only=True)
class TrainOptions(LoopOptions):
    """Options of the job `train`."""

    adapter: Literal["lora", "rslora", "dora"]
    """`lora`; `rslora`: scaled by alpha / √rank, for high ranks; `dora`: with a learned magnitude per output, which only a merged model can be served with, so not for a modifier."""
    rank: int
    """Width of the adapter’s two matrices."""
    alpha: float
    """The adapter is scaled by alpha / rank."""
    dropout: float
    """Share of the adapter’s inputs that are zeroed in training."""
    targets: Literal["all-linear"] | tuple[str, ...]
    """Layers to adapt: `all-linear` (all but the output head) or a list of names, e.g. `[q_proj, v_proj]`."""
    epochs: float
    """Passes over the rows; may be a fraction."""
    max_steps: int | None
    """Upper limit of optimizer steps; the schedule ends there too. null: `epochs` decides."""
    objective: Literal["supervised", "reptile", "fomaml", "anil"]
    """`supervised`: rows of all kinds together; the others make a start that is to learn a new kind from few examples (Reptile, first-order MAML, ANIL). Losses of validation are those of the start."""
    episodes_of: Literal["domain", "source"]
    """Field of a row by which rows are of one kind; an episode has rows of one kind."""
    episodes_per_step: int
    """Episodes that share `batchTokens` and give one optimizer step."""
    inner_steps: int
    """Steps on one part of an episode after another before its last part is read."""
    inner_rate: float
    """Rate of the inner steps, which are of plain descent."""


@dataclass(frozen=True, kw_only=True)
class MergeOptions:
    """Options of the job `merge`."""

    strength: float
    """Share of the adapter’s change that is merged. Less than 1 gives up some of what was learned and keeps more of what the model knew before (WiSE-FT, Wortsman et al. 2022)."""
    prose_tokens: int
    """Most tokens that are read of the prose, where there is one."""
    proof_rows: int
    """Rows on which the merge is proven."""


@dataclass(frozen=True, kw_only=True)
class TrimVocabularyOptions(LoopOptions):
    """Options of the job `trim-vocabulary`."""

    size: int | None
    """Tokens that stay at most. null: as few as `coverage` and `bitsPerByte` allow on the held-out rows."""
    coverage: float
    """Least share of the held-out tokens, in the whole vocabulary, that stays; below it the step is undone."""
    bits_per_byte: float
    """Most bits per byte of the held-out rows, as a multiple of those of the whole vocabulary; above it the step is undone."""
    rows: int
    """Rows whose tokens are counted."""
    proof_rows: int
    """Held-out rows on which bits per byte are measured."""
    tune_steps: int
    """Steps in which the embeddings of tokens that took over learn from the rows; kept only where that lowers the bits per byte. 0: none."""


@dataclass(frozen=True, kw_only=True)
class DropLayersOptions:
    """Options of the job `drop-layers`."""

    layers: int
    """Decoder layers to remove: those with the least influence on the hidden state. At least one stays."""
    calibration_rows: int
    """Rows of the training data on which influence is measured."""


@dataclass(frozen=True, kw_only=True)
class DraftOptions(LoopOptions):
    """Options of the job `draft`."""

    layers: int | None
    """Decoder layers that stay: the first, the last, and others at equal distances. null: a quarter of them."""
    epochs: float
    """Passes over the rows; may be a fraction."""
    max_steps: int | None
    """Upper limit of optimizer steps; the schedule ends there too. null: `epochs` decides."""


@dataclass(frozen=True, kw_only=True)
class ExportOptions:
    """Options of the job `export`."""

    type: Literal["f16", "bf16", "f32"]
    """Precision of the weights in the file."""
    pre_tokenizer: str | None
    """llama.cpp name such as `smollm`; null: the converter recognises it."""


@dataclass(frozen=True, kw_only=True)
class ExportAdapterOptions:
    """Options of the job `export-adapter`."""

    type: Literal["f16", "f32", "q8_0"]
    base: str | None
    """Digest of the base's GGUF file, which the adapter then names; null: it names none."""


@dataclass(frozen=True, kw_only=True)
class ImportAdapterOptions:
    """Options of the job `import-adapter`."""


@dataclass(frozen=True, kw_only=True)
class DequantizeOptions:
    """Options of the job `dequantize`."""


@dataclass(frozen=True, kw_only=True)
class ReadGgufOptions:
    """Options of the job `read-gguf`."""


@dataclass(frozen=True, kw_only=True)
class LogitsOptions:
    """Options of the job `logits`."""

    prompts: int
    """Questions on which llama.cpp and PyTorch are compared."""
    greedy_tokens: int
    """Tokens that both generate after each prompt."""


@dataclass(frozen=True, kw_only=True)
class PreviewOptions:
    """Options of the job `preview`."""

    max_row_tokens: int
    """A longer row is left out and counted, never truncated."""
    prompt_loss_weight: float
    """Weight of the tokens of a question: 0 in `train`; `pretrain` has an option of this name."""


OPTIONS: dict[str, type] = {
    "pretrain": PretrainOptions,
    "train": TrainOptions,
    "merge": MergeOptions,
    "trim-vocabulary": TrimVocabularyOptions,
    "drop-layers": DropLayersOptions,
    "draft": DraftOptions,
    "export": ExportOptions,
    "export-adapter": ExportAdapterOptions,
    "import-adapter": ImportAdapterOptions,
    "dequantize": DequantizeOptions,
    "read-gguf": ReadGgufOptions,
    "logits": LogitsOptions,
    "preview": PreviewOptions,
}

"""Settings that had another name."""

RENAMED = {
    "evaluate.longest": "evaluate.max_new_tokens",
    "evaluate.problems": "evaluate.limit",
    "evaluate.samples": "evaluate.num_samples",
    "evaluate.batch": "evaluate.batch_size",
    "model.attention": "model.attn_implementation",
    "model.system": "model.system_prompt",
    "train.longest": "train.max_length",
    "train.batch": "train.batch_size",
    "train.per_device": "train.per_device_batch_size",
    "train.warm_up": "train.warmup_ratio",
    "train.schedule": "train.lr_scheduler_type",
    "train.checkpoint_every": "train.save_steps",
}
"""Settings that had another name in version 0.1.0, by that name."""
OLD_UNTIL = "evaluate"
"""What `until=score` was."""

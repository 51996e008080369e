"""What a researcher would write by hand for one arm: shuffle the steps, fine-tune with TRL, score with lm-eval. No record, no resume.

The same problems, traces, model, hyper-parameters and tasks as `python -m ablate +perturb=shuffle_steps`, and the same calls of TRL and
lm-eval; `overhead.py` times the two side by side.
"""

import random

import lm_eval
import torch
from datasets import Dataset
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks import TaskManager
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import SFTConfig, SFTTrainer

from ablate import corpora, world
from ablate.config import Data
from ablate.evaluate import benchmarks

rows = []
for example in corpora.load(Data(traces=1000)).examples:
    steps = list(example.trace.steps)
    random.shuffle(steps)
    thought = "\n\n".join(steps)
    text = f"<|begin_of_thought|>\n\n{thought}{example.trace.closing}{example.trace.solution}{example.trace.ending}"
    rows.append({"prompt": [{"role": "user", "content": example.problem}], "completion": [{"role": "assistant", "content": text}]})

tokenizer = AutoTokenizer.from_pretrained(world.BASE)
trainer = SFTTrainer(
    model=AutoModelForCausalLM.from_pretrained(world.BASE, dtype=torch.float32),
    args=SFTConfig(
        output_dir="by_hand",
        per_device_train_batch_size=10,
        learning_rate=4e-3,
        lr_scheduler_type="cosine",
        warmup_steps=0.1,
        num_train_epochs=3,
        max_length=1024,
        train_sampling_strategy="group_by_length",
        gradient_checkpointing=False,
        bf16=False,
        use_cpu=True,
        dataloader_pin_memory=False,
        save_steps=100,
        save_total_limit=2,
        logging_steps=10,
        report_to=[],
        disable_tqdm=True,
    ),
    train_dataset=Dataset.from_list(rows),
    processing_class=tokenizer,
    peft_config=LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"),
)
trainer.train()
trainer.save_model("by_hand/model")

results = lm_eval.simple_evaluate(
    model=HFLM(pretrained=trainer.model.merge_and_unload(), tokenizer=tokenizer, batch_size=256),
    tasks=["tiny_problems", "tiny_longer", "tiny_skills"],
    task_manager=TaskManager(include_path=str(benchmarks.FOLDER), include_defaults=False),
    apply_chat_template=True,
    gen_kwargs={"max_gen_toks": 384, "do_sample": False},
    bootstrap_iters=0,
)
print({task: scores.get("correct,none", scores.get("acc,none")) for task, scores in results["results"].items()})

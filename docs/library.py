# %% [markdown]
# # ablate from Python
#
# What the commands do, for a notebook: each cell below runs as it stands, on the embedded tiny world, in a minute or two. Results land
# under `runs/`, where the commands find them, too.

# %%
import datasets

import ablate

# %% [markdown]
# ## One arm
#
# The keywords are the settings of the command line. What was done before is not done again, so that running a cell twice costs nothing.
# These arms are very small: enough to see how it works, too little to learn anything.

# %%
small = {
    "data": {"traces": 40},
    "train": {"epochs": 1, "batch_size": 8, "per_device_batch_size": 8},
    "evaluate": {"tasks": ["tiny_problems"], "limit": 20, "max_new_tokens": 64},
    "track": "disabled",
}
clean = ablate.run(study="notebook", **small)
shuffled = ablate.run(perturb="shuffle_steps", dose=0.33, study="notebook", **small)
print(shuffled.folder)
print(shuffled.table())

# %% [markdown]
# ## A comparison
#
# Tables as `python -m ablate.compare notebook` shows them: accuracies in percent, differences in points, verdicts in words.

# %%
tables = ablate.compare_runs("notebook")
print(tables["arms"][["arm", "scope", "accuracy", "difference", "verdict"]])
print(tables["notes"])

# %% [markdown]
# ## Any texts
#
# A perturbation by itself, with the manifest of its edits. What is drawn depends on the seed and the id of a text alone, or where there are
# no ids on the text itself, so that it does not matter where a text stands.

# %%
text = "<think>\nLet x = 12.\n\nWait, x is even.\n\nSo x / 2 = 6.\n</think>\n\nThe answer is \\boxed{6}."
perturbed = ablate.perturb_texts([text], "corrupt_digits", dose=0.5, seed=1)
print(perturbed["perturbed"][0])
print(perturbed["edits"][0])

# %%
rows = datasets.Dataset.from_dict({"id": ["a", "b"], "response": [text, text.replace("12", "14")]})
mapped = rows.map(lambda batch: ablate.perturb_texts(batch["response"], "shuffle_steps", ids=batch["id"]), batched=True)
print(mapped[0]["perturbed"])

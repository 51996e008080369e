import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ablate.config import Model
from ablate.errors import UserError
from ablate.student.encode import IGNORED, Conversation, count_tokens, encode
from ablate.student.load import load_tokenizer


@pytest.fixture(scope="module")
def tokenizer():
    return load_tokenizer(Model())


texts = st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=60)


def test_only_the_response_and_its_end_are_trained(tokenizer):
    conversation = Conversation(
        "Given b=3. Find b.", "<|begin_of_thought|>\n\nNow b=3.\n\n<|end_of_thought|>\n\nSo \\boxed{3}.", "Be brief."
    )
    (row,) = encode([conversation], tokenizer, 1024)
    trained = [label for label in row.labels if label != IGNORED]
    assert tokenizer.decode(trained) == conversation.response + tokenizer.eos_token
    assert trained[-1] == tokenizer.eos_token_id
    prompt = [token for token, label in zip(row.input_ids, row.labels, strict=True) if label == IGNORED]
    assert tokenizer.decode(prompt) == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nGiven b=3. Find b.<|im_end|>\n<|im_start|>assistant\n"
    )


@settings(max_examples=30)
@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=3), st.integers(12, 80))
def test_every_token_cut_off_is_counted(tokenizer, pairs, longest):
    conversations = [Conversation(problem, response) for problem, response in pairs]
    whole = encode(conversations, tokenizer, 100_000)
    try:
        cut = encode(conversations, tokenizer, longest)
    except UserError:
        assert all(label == IGNORED for row in whole for label in row.labels[:longest])
        return
    count = count_tokens(cut)
    assert count.tokens + count.truncated_tokens == sum(len(row.input_ids) for row in whole)
    assert all(len(row.input_ids) == len(row.labels) <= longest for row in cut)
    assert count.truncated_traces == sum(len(row.input_ids) > longest for row in whole)


def test_no_trainable_token_is_an_error(tokenizer):
    with pytest.raises(UserError, match=r"train\.max_length: found 4"):
        encode([Conversation("Find b.", "b=3")], tokenizer, 4)


TURNS = "{%- for m in messages -%}<|im_start|>{{ m['role'] + '\n' + TEXT + END }}{%- endfor -%}"
ASK = "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\n' }}{%- endif -%}"


def with_template(text, end):
    tokenizer = load_tokenizer(Model())
    tokenizer.chat_template = TURNS.replace("TEXT", text).replace("END", end) + ASK
    return tokenizer


def test_a_template_that_drops_the_thought_is_refused():
    tokenizer = with_template("m['content'].split('</think>')[-1]", "'<|im_end|>'")
    with pytest.raises(UserError, match="chat template drops"):
        encode([Conversation("Find b.", "<think>b</think>3")], tokenizer, 100)


def test_a_template_that_never_ends_a_turn_is_refused():
    tokenizer = with_template("m['content']", "'\n'")
    with pytest.raises(UserError, match="never learn to stop"):
        encode([Conversation("Find b.", "3")], tokenizer, 100)

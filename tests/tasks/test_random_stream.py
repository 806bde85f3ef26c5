"""Named streams."""

from axolotl_explain.tasks.random_stream import random_stream


def test_a_stream_depends_on_its_name_alone():
    first = random_stream("listops", 7, "train", 3, 0)
    random_stream("another").random()
    again = random_stream("listops", 7, "train", 3, 0)
    assert [first.random() for _ in range(5)] == [again.random() for _ in range(5)]


def test_neighbouring_names_have_nothing_in_common():
    draws = {
        random_stream("listops", seed, "train", index, attempt).getrandbits(64)
        for seed in range(10)
        for index in range(10)
        for attempt in range(10)
    }
    assert len(draws) == 1000

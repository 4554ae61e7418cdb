from generator.grouping import group_pairs


def test_keys_and_values_keep_the_order_of_their_first_appearance():
    grouped = group_pairs([("b", 1), ("a", 2), ("b", 1), ("b", 0)])
    assert list(grouped.items()) == [("b", (1, 1, 0)), ("a", (2,))]

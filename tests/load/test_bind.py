import pytest

from generator.load.bind import parse_stated_ref
from generator.names import Ref


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        ({"kind": "model", "id": "ryl"}, Ref("model", "ryl")),
        ({"kind": "model"}, Ref("model", "stem")),
        ({"kind": "model", "id": None}, Ref("model", "stem")),
        ({"kind": "resource", "type": "topic", "id": "orders.v1"}, Ref("topic", "orders.v1")),
        ({"kind": "resource", "id": "orders.v1"}, None),
        ({"kind": "model", "id": ["ryl"]}, None),
        ({"kind": "model", "id": "r/l"}, None),
        ({"id": "ryl"}, None),
        (["model"], None),
        (None, None),
    ],
)
def test_the_stated_reference_of_a_document(plain, expected):
    assert parse_stated_ref(plain, "models/stem.yml") == expected

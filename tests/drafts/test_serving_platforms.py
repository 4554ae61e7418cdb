"""The imports of Seldon Core, Triton and BentoML: models, the models that they call, experiments, and no secrets."""

from pathlib import Path
from typing import Any

import pytest

from generator.drafts import manifests
from generator.drafts.bentoml import import_bentoml, is_bento_source
from generator.drafts.manifests import read_files
from generator.drafts.results import ImportResult
from generator.drafts.seldon import import_seldon
from generator.drafts.triton import import_triton, parse_text_format
from generator.errors import UserError
from generator.graph.resolve import build_graph
from generator.names import Ref
from tests.drafts.draft_loading import load_drafts

PIPELINE = """
apiVersion: mlops.seldon.io/v1alpha1
kind: Model
metadata: {name: income, namespace: ml, labels: {team: Risk ML}}
spec: {storageUri: "gs://models/income", requirements: [sklearn]}
---
apiVersion: mlops.seldon.io/v1alpha1
kind: Pipeline
metadata: {name: income}
spec:
  steps: [{name: income}, {name: drift, inputs: [income.outputs]}]
  input: {externalInputs: [cleaned.outputs]}
---
apiVersion: mlops.seldon.io/v1alpha1
kind: Experiment
metadata: {name: income-ab}
spec:
  default: income
  candidates: [{name: income, weight: 3}, {name: income-b, weight: 1}]
  mirror: {name: income, percent: 100}
---
apiVersion: mlops.seldon.io/v1alpha1
kind: Server
metadata: {name: mlserver}
---
kind: Model
metadata: {name: of-another-platform}
"""
DEPLOYMENT = """
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {name: iris}
spec:
  predictors:
  - {name: main, traffic: 75, graph: {name: classifier, implementation: SKLEARN_SERVER, modelUri: "gs://iris/1"}}
  - {name: canary, traffic: 25, graph: {name: classifier, implementation: SKLEARN_SERVER, modelUri: "gs://iris/2"}}
status: {address: {url: "http://iris.ml.svc/api/v1.0/predictions"}}
"""
ENSEMBLE = """
# The steps from an image to its text.
name: "reader"
platform: "ensemble"
max_batch_size: ${batch_size}
input [ { name: "image" data_type: TYPE_UINT8 dims: [ -1, 3 ] }, ]
ensemble_scheduling {
  step [
    { model_name: "finder" model_version: -1 input_map { key: "in" value: "image" } },
    { model_name: "missing" }
  ]
}
"""
FINDER = """
backend: 'onnx' 'runtime'
dims: 3 dims: 4
parameters { key: "hub_token" value: { string_value: "zq83" } }
parameters: { key: "mode" value: < string_value: "a \\"b\\"" > }
dynamic_batching { }
"""
SERVICE = """
import bentoml
from bentoml.models import BentoModel

@bentoml.service
class Embedder:
    model = BentoModel("encoder:latest")

@bentoml.service(name="summarizer", traffic={"timeout": 60}, envs=[{"name": "HUB_TOKEN", "value": "zq83"}], workers=N)
class Summarization:
    embedder = bentoml.depends(Embedder)

    def __init__(self):
        self.pipeline = bentoml.sklearn.load_model("summary_clf:v3")

    @bentoml.api(batchable=True)
    async def summarize(self, texts: list[str]) -> list[str]:
        return self.pipeline(texts)

class NoService:
    pass
"""
FORMER = """
import bentoml
runner = bentoml.sklearn.get("iris_clf:latest").to_runner()
svc = bentoml.Service("iris", runners=[runner])

@svc.api(input=NumpyNdarray(), output=NumpyNdarray())
def classify(series):
    return runner.predict.run(series)
"""


def load(result: ImportResult, tmp_path: Path) -> dict[Ref, Any]:
    cards = load_drafts(result, tmp_path)
    assert build_graph(cards)[1] == []
    return {ref: loaded.card for ref, loaded in cards.by_ref.items()}


def list_calls(card: Any) -> list[tuple[str, str]]:
    return [(str(step.subject), str(step.calls)) for step in card.steps]


def list_notes(result: ImportResult) -> list[str]:
    return [str(note) for note in result.notes]


def test_a_pipeline_of_seldon_calls_its_models(tmp_path: Path):
    result = import_seldon([("a.yaml", PIPELINE)])
    cards = load(result, tmp_path)
    assert sorted(map(str, cards)) == [
        "experiment:income-ab", "flow:income-2-calls", "model:income", "model:income-2", "team:risk-ml"
    ]  # fmt: skip
    model, pipeline = cards[Ref("model", "income")], cards[Ref("model", "income-2")]
    assert (model.owners, "sklearn" in model.tags, model.extras["x-seldon"]["namespace"]) == (("risk-ml",), True, "ml")
    assert pipeline.name == "income"
    assert list_calls(cards[Ref("flow", "income-2-calls")]) == [("model:income-2", "model:income")]
    assert list_notes(result) == [
        "a.yaml:7, income: it calls 'drift', which is not in the files",
        "a.yaml:7, income: it calls 'cleaned', which is not in the files",
        "a.yaml:14, income-ab: 'income-b' is not in the files",
    ]


def test_an_experiment_of_seldon_has_shares_of_the_traffic(tmp_path: Path):
    result = import_seldon([("a.yaml", PIPELINE)])
    card = load(result, tmp_path)[Ref("experiment", "income-ab")]
    arms = [(name, arm.model, arm.traffic, arm.note) for name, arm in card.variants.items()]
    assert arms == [
        ("income", "income", 75, "The default."),
        ("income-b", None, 25, None),
        ("income-2", "income", 0, "Receives a copy of 100 % of the requests."),
    ]
    (text,) = (file.text for file in result.files if file.ref == Ref("experiment", "income-ab"))
    assert "# Guessed: it is deployed.\nstatus: running\n" in text
    assert "income-b: {traffic: 25}\n" in text


def test_a_seldon_deployment_is_one_model(tmp_path: Path):
    cards = load(import_seldon([("a.yaml", DEPLOYMENT)]), tmp_path)
    card = cards[Ref("model", "iris")]
    assert list(cards) == [Ref("model", "iris")]
    assert (card.endpoints, card.tags) == (
        {"production": "http://iris.ml.svc/api/v1.0/predictions"}, ("draft", "sklearn")
    )  # fmt: skip
    assert [one["traffic"] for one in card.extras["x-seldon"]["spec"]["predictors"]] == [75, 25]


def test_files_without_models_of_seldon_are_refused():
    with pytest.raises(UserError, match="have no SeldonDeployment, Model or Pipeline"):
        import_seldon([("a.yaml", "kind: Model\nmetadata: {name: a}\n")])
    result = import_seldon([("a.yaml", "{{ x }}"), ("b.yaml", "kind: Service\n")])
    assert str(result.notes[-1]) == "the other files: no SeldonDeployment, Model or Pipeline of Seldon Core"


def test_an_ensemble_of_triton_calls_its_steps(tmp_path: Path):
    result = import_triton([("reader/config.pbtxt", ENSEMBLE), ("finder/1/config.pbtxt", FINDER)])
    cards = load(result, tmp_path)
    assert list_calls(cards[Ref("flow", "reader-calls")]) == [("model:reader", "model:finder")]
    reader, finder = cards[Ref("model", "reader")], cards[Ref("model", "finder")]
    assert reader.tags == ("draft", "ensemble")
    details = reader.extras["x-triton"]
    assert (details["max_batch_size"], details["input"][0]["dims"]) == ("${batch_size}", [-1, 3])
    assert details["ensemble_scheduling"]["step"][0]["input_map"] == {"in": "image"}
    assert finder.tags == ("draft", "onnxruntime")
    assert finder.extras["x-triton"]["dims"] == [3, 4]
    assert finder.extras["x-triton"]["parameters"]["mode"] == 'a "b"'
    assert "zq83" not in "".join(file.text for file in result.files)
    calls, secret = list_notes(result)
    assert calls == "reader/config.pbtxt:1, reader: it calls 'missing', which is not in the files"
    assert "finder/1/config.pbtxt:1, finder: `parameters.hub_token` may be a secret" in secret


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: {", "expected a field instead of 'its end'"),
        ("a: ", "expected a value instead of 'its end'"),
        ("a: [1, ", "expected a value instead of 'its end'"),
        ("a: [1}", "expected a value instead of '}'"),
        ("}", "expected a field instead of '}'"),
        ('name: "a"\nb: \'c', "a.pbtxt:2: expected the text format of Protocol Buffers"),
        ("a " + "{ a " * 2000, "nested deeper than 50 levels"),
        ("a: " + "[" * 2000, "nested deeper than 50 levels"),
    ],
)
def test_a_text_in_another_format_is_refused(text: str, message: str):
    with pytest.raises(UserError, match=message):
        parse_text_format(text, "a.pbtxt")
    result = import_triton([("a.pbtxt", text), ("config.pbtxt", "backend: 'python'")])
    assert [note.place for note in result.notes] == ["a.pbtxt", "config.pbtxt"]


def test_a_folder_without_configurations_of_triton_is_refused():
    with pytest.raises(UserError, match=r"have no config\.pbtxt"):
        import_triton([])


def test_a_service_of_bentoml_is_a_model(tmp_path: Path):
    build = "service: service:Summarization\ndescription: Sums up. Slowly.\nlabels: {owner: Text ML, stage: dev}\n"
    result = import_bentoml([("app/service.py", SERVICE), ("app/bentofile.yaml", build)])
    cards = load(result, tmp_path)
    assert sorted(map(str, cards)) == ["flow:summarizer-calls", "model:Embedder", "model:summarizer", "team:text-ml"]
    assert list_calls(cards[Ref("flow", "summarizer-calls")]) == [("model:summarizer", "model:Embedder")]
    card = cards[Ref("model", "summarizer")]
    assert (card.summary, card.owners) == ("Sums up.", ("text-ml",))
    assert card.extras["x-bentoml"] == {
        "apis": ["summarize"], "labels": {"owner": "Text ML", "stage": "dev"}, "takes": ["summary_clf:v3"],
        "traffic": {"timeout": 60},
    }  # fmt: skip
    assert cards[Ref("model", "Embedder")].extras["x-bentoml"]["takes"] == ["encoder:latest"]
    assert "zq83" not in "".join(file.text for file in result.files)


def test_a_service_of_the_former_bentoml_is_a_model(tmp_path: Path):
    card = load(import_bentoml([("service.py", FORMER)]), tmp_path)[Ref("model", "iris")]
    assert card.extras["x-bentoml"] == {"apis": ["classify"], "takes": ["iris_clf:latest"]}


def test_python_that_cannot_be_read_is_a_note():
    result = import_bentoml([("a.py", "import bentoml\ndef"), ("b.py", "bentoml" + ".a" * 100_000)])
    assert [note.message.partition(":")[0] for note in result.notes][:1] == ["cannot read its Python"]
    with pytest.raises(UserError, match=r"have no class with @bentoml\.service"):
        import_bentoml([("a.py", "import bentoml\n")])


def test_services_of_one_class_name_keep_their_own_calls(tmp_path: Path):
    service = "import bentoml\n@bentoml.service(name='{0}-pre')\nclass Pre:\n    pass\n"
    service += (
        "@bentoml.service(name='{0}')\nclass Main:\n    pre = bentoml.depends(Pre)\n    x = bentoml.depends(a[1])\n"
    )
    files = [(f"{name}/service.py", service.format(name)) for name in ("one", "two")]
    cards = load(import_bentoml([*files, ("old.py", "import bentoml\nsvc = bentoml.Service('legacy')\n")]), tmp_path)
    assert list_calls(cards[Ref("flow", "one-calls")]) == [("model:one", "model:one-pre")]
    assert list_calls(cards[Ref("flow", "two-calls")]) == [("model:two", "model:two-pre")]


def test_no_package_that_a_project_installs_is_read(tmp_path: Path):
    for folder in ("src", "venv/lib", "lib/site-packages", "node_modules/x", ".git"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "service.py").write_text("import bentoml\n")
    (tmp_path / "venv/pyvenv.cfg").touch()
    found, notes = read_files([tmp_path], is_bento_source)
    assert [name for name, _ in found] == ["src/service.py"]
    assert notes == []


def test_files_beyond_the_limit_are_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(manifests, "_FILES_LIMIT", 1)
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text("import bentoml\n")
    found, (note,) = read_files([tmp_path], is_bento_source)
    assert [name for name, _ in found] == ["a.py"]
    assert "only the first 1 of 2 files were read" in str(note)


def test_a_model_that_names_itself_has_no_call(tmp_path: Path):
    text = 'name: "p"\nensemble_scheduling { step [ { model_name: "p" } ] }\n'
    assert [ref.kind for ref in load(import_triton([("p/config.pbtxt", text)]), tmp_path)] == ["model"]


def test_a_text_full_of_open_placeholders_is_read_in_time():
    with pytest.raises(UserError):
        parse_text_format("a:" + "${" * 500_000, "config.pbtxt")


def test_an_experiment_of_seldon_hides_secrets_and_names_the_first_of_two_models(tmp_path: Path):
    api = "apiVersion: mlops.seldon.io/v1alpha1\n"
    model = api + "kind: Model\nmetadata: {{name: a, namespace: {}}}\nspec: {{requirements: [sklearn]}}\nstatus: {}\n"
    models = model.format("n1", "{address: {url: 'http://u:passw0rd@h/x'}}") + "---\n" + model.format("n2", "{}")
    test = (
        api + "kind: Experiment\nmetadata: {name: e}\nspec: {candidates: [{name: a, weight: 1}], api_key: passw0rd}\n"
    )
    result = import_seldon([("all.yaml", f"{models}---\n{test}")])
    assert "passw0rd" not in str([file.text for file in result.files])
    cards = load(result, tmp_path)
    assert cards[Ref("experiment", "e")].variants["a"].model == "a"
    assert cards[Ref("model", "a")].endpoints["production"] == "http://h/x"

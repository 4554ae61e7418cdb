"""Fills real MLflow stores in a folder, then serves one of them: run by a test in its own process.

The server is MLflow's own application on the standard library's WSGI server: its command needs packages for an
assistant that no registry needs. MLflow is imported by name: type-checking its sources takes half a minute.
"""

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ALLOW_FILE_STORE": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "GIT_PYTHON_REFRESH": "quiet",
}


def fill_store(address: str) -> None:
    """Register models with aliases, stages, free tags and all kinds of signatures."""
    mlflow = import_module("mlflow")
    mlflow.set_tracking_uri(address)
    mlflow.set_registry_uri(address)
    client = mlflow.MlflowClient()
    add_ranking_model(mlflow, client)
    add_staged_model(mlflow, client)
    client.create_registered_model("größe küche")
    client.create_prompt("greeting")


def add_ranking_model(mlflow: Any, client: Any) -> None:
    tags = {
        "owner": "DS Ranking", "ds_contact": "Asha Rao <asha@example.com>", "deployed": "2025-11-03",
        "repo": "https://git.example.com/ds/ryl", "cost_centre": "CC-7", "status": "Live", "mode": "real-time",
    }  # fmt: skip
    described = "## RYL\n\nRanks *nearby* restaurants. See [the wiki](https://wiki.example.com/ryl)."
    client.create_registered_model("ryl", tags=tags, description=described)
    client.create_model_version("ryl", source="s3://bucket/old-ryl")
    info = log_model(mlflow, *build_columns(mlflow))
    client.create_model_version("ryl", info.model_uri, description="Fresher features", model_id=info.model_id)
    client.create_model_version("ryl", source="s3://bucket/next-ryl")
    client.set_registered_model_alias("ryl", "champion", "2")
    client.set_registered_model_alias("ryl", "challenger", "3")
    client.set_model_version_tag("ryl", "2", "review_date", "2027-03-31")


def add_staged_model(mlflow: Any, client: Any) -> None:
    client.create_registered_model("Dish quality", tags={"squad": "merch"})
    info = log_model(mlflow, *build_tensors(mlflow))
    client.create_model_version("Dish quality", info.model_uri, run_id=info.run_id, model_id=info.model_id)
    client.create_model_version("Dish quality", source="s3://bucket/dish")
    client.transition_model_version_stage("Dish quality", "1", "Production")


def log_model(mlflow: Any, signature: Any, example: Any) -> Any:
    def predict(self, context, model_input, params=None):
        return model_input

    model = type("Echo", (mlflow.pyfunc.PythonModel,), {"predict": predict})()
    with mlflow.start_run():
        mlflow.log_metric("recall_at_5", 0.5)
        mlflow.log_metric("recall_at_5", 0.61)
        mlflow.set_tag("mlflow.user", "mira")
        return mlflow.pyfunc.log_model(
            name="model", python_model=model, signature=signature, input_example=example, pip_requirements=[]
        )


def build_columns(mlflow: Any) -> tuple[Any, Any]:
    pandas, types, schema = (import_module(name) for name in ("pandas", "mlflow.types", "mlflow.types.schema"))
    column, kind = types.ColSpec, types.DataType
    inputs = [
        column("string", "customer_id"), column("string", "city", required=False), column("long", "orders"),
        column("double", "spent"), column("boolean", "vip"), column("datetime", "since"),
        column(schema.Array(kind.string), "cuisines"), column(schema.Map(kind.double), "affinity"),
        column(schema.Object([schema.Property("lat", kind.double), schema.Property("lon", kind.double)]), "place"),
    ]  # fmt: skip
    outputs = [column("string", "restaurant_id"), column("double", "score")]
    params = [types.ParamSpec("limit", "long", 10), types.ParamSpec("weights", "double", [0.5, 0.5], (-1,))]
    signature = mlflow.models.ModelSignature(
        types.Schema(inputs), types.Schema(outputs), types.schema.ParamSchema(params)
    )
    row = {
        "customer_id": "c-42", "city": "mysuru", "orders": 3, "spent": 12.5, "vip": True,
        "since": pandas.Timestamp("2025-01-02"), "cuisines": ["dosa"], "affinity": {"dosa": 0.9},
        "place": {"lat": 12.3, "lon": 76.6},
    }  # fmt: skip
    return signature, (pandas.DataFrame([row]), {"limit": 3})


def build_tensors(mlflow: Any) -> tuple[Any, Any]:
    numpy, types = import_module("numpy"), import_module("mlflow.types")
    inputs = types.Schema([types.TensorSpec(numpy.dtype("float32"), (-1, 2, 2))])
    outputs = types.Schema([types.TensorSpec(numpy.dtype("int64"), (-1,))])
    return mlflow.models.ModelSignature(inputs, outputs), numpy.zeros((1, 2, 2), dtype="float32")


class Silent(WSGIRequestHandler):
    def log_message(self, *_arguments) -> None:
        """Print nothing."""


def main(folder: Path) -> None:
    os.environ.update(QUIET)
    os.chdir(folder)
    address = f"sqlite:///{folder / 'mlflow.db'}"
    fill_store(address)
    fill_store((folder / "files" / "mlruns").as_uri())
    os.environ |= {"_MLFLOW_SERVER_FILE_STORE": address, "_MLFLOW_SERVER_ARTIFACT_ROOT": str(folder / "mlruns")}
    server = make_server("127.0.0.1", 0, import_module("mlflow.server").app, handler_class=Silent)
    sys.stdout.write(f"serving {server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

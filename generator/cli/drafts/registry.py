"""`modelbook import mlflow`: from a model registry."""

import os
from pathlib import Path

import click

from generator.cli.command import Command
from generator.cli.drafts.telling import keep
from generator.cli.opening import opened
from generator.cli.options import json_option, project_option
from generator.cli.waiting import waiting
from generator.drafts.mlflow import Access, open_registry
from generator.drafts.mlflow import mlflow as from_mlflow


@click.command(cls=Command)
@click.argument("uri")
@project_option
@json_option
def mlflow(uri: str, root: Path, *, as_json: bool) -> None:
    r"""Draft a model for each registered one: versions, signature as contract, tags, owners.

    URI is a tracking server, a database, or a path: mlflow.db, mlruns or the folder around. A server's credentials
    come from MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD. MLflow itself is not
    needed, and nothing in the registry is changed.

    \b
      modelbook import mlflow https://mlflow.example.com
      modelbook import mlflow ./mlruns
    """
    project = opened(root)
    with waiting("reading the registry"), open_registry(uri, _access()) as registry:
        found = from_mlflow(registry, project.configuration.settings.functions)
    keep(project, found, as_json=as_json)


def _access() -> Access:
    names = ("MLFLOW_TRACKING_TOKEN", "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD")
    return Access(*(os.environ.get(name, "") for name in names))

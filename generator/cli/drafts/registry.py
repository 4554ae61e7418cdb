"""`modelbook import mlflow`: from a model registry."""

import os
from pathlib import Path

import click

from generator.cli.command import Command
from generator.cli.drafts.report import write_and_report
from generator.cli.opening import opened
from generator.cli.options import json_option, project_option
from generator.cli.waiting import waiting
from generator.drafts.mlflow import import_mlflow, open_registry


@click.command(cls=Command)
@click.argument("uri")
@project_option
@json_option
def mlflow(uri: str, root: Path, *, as_json: bool) -> None:
    r"""Draft a card for each model that is registered in MLflow.

    URI is a tracking server, a database, or a path: mlflow.db, mlruns or the folder of either. The credentials of a
    server come from MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD. MLflow does not
    have to be installed, and nothing in the registry is changed.

    \b
      modelbook import mlflow https://mlflow.example.com
      modelbook import mlflow ./mlruns
    """
    project = opened(root)
    with waiting("reading the registry"), open_registry(uri, os.environ) as registry:
        result = import_mlflow(registry, project.configuration.settings.functions)
    write_and_report(project, result, as_json=as_json)

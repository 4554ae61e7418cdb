"""The model registry of MLflow: from its server over REST, or from its files; MLflow itself is not needed."""

from generator.drafts.mlflow.access import Access, open_registry
from generator.drafts.mlflow.models import mlflow
from generator.drafts.mlflow.registry import RegisteredModel, Registry, Version

__all__ = ["Access", "RegisteredModel", "Registry", "Version", "mlflow", "open_registry"]

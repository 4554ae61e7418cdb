"""The command groups below `modelbook`, apart from their commands so that their help needs few imports."""

import click

from generator.cli.command import DeferredCommand, LazyGroup

_DRAFTS = "generator.cli.drafts"
_CONFLUENCE = "generator.cli.confluence"

IMPORTS = (
    DeferredCommand("mlflow", _DRAFTS, "Draft a model for each model in an MLflow registry."),
    DeferredCommand("openapi", _DRAFTS, "Draft a model for each prediction in an OpenAPI document."),
    DeferredCommand("huggingface", _DRAFTS, "Draft a model from the README.md of a Hugging Face model."),
    DeferredCommand("backstage", _DRAFTS, "Draft cards from a Backstage catalog."),
    DeferredCommand("litellm", _DRAFTS, "Draft a model for each name of a LiteLLM proxy."),
    DeferredCommand("kserve", _DRAFTS, "Draft a model for each InferenceService of KServe."),
    DeferredCommand("seldon", _DRAFTS, "Draft cards from the manifests of Seldon Core."),
    DeferredCommand("triton", _DRAFTS, "Draft a model for each one in a Triton model repository."),
    DeferredCommand("bentoml", _DRAFTS, "Draft a model for each service of BentoML."),
    DeferredCommand("dbt", _DRAFTS, "Draft cards from the exposures of a dbt project."),
    DeferredCommand("csv", _DRAFTS, "Draft a model for each row of a CSV or Excel file."),
)


@click.group("import", cls=LazyGroup, deferred=IMPORTS)
def drafts() -> None:
    """Draft cards from existing sources.

    The drafts are tagged `draft`. The command lists what it could not carry over. It never overwrites a file: if a card
    exists, its draft is skipped.
    """


PUBLISH = (
    DeferredCommand("plan", "generator.cli.publish.commands", "Show the changes that publishing would make."),
    DeferredCommand("apply", "generator.cli.publish.commands", "Apply a publishing plan."),
    DeferredCommand("verify", "generator.cli.publish.verify", "Compare the pages in the wiki with the site."),
    DeferredCommand("parity", "generator.cli.publish.verify", "Former name of `verify`."),
    DeferredCommand("doctor", "generator.cli.publish.commands", "Check address, credentials, permissions and space."),
)
PUBLISH_EPILOG = """\b
Space:           `confluence: {space: KEY}` in mkdocs.yml, CONFLUENCE_SPACE, or --space
Address:         CONFLUENCE_URL
Credentials:     CONFLUENCE_USER and CONFLUENCE_TOKEN; a personal access token of Data Center has no user

\b
Try it first:    modelbook confluence demo
Check settings:  modelbook publish doctor

Exit status: 0 success or no changes, 1 pages are held or failed, 2 usage error.
"""


@click.group(cls=LazyGroup, deferred=PUBLISH, epilog=PUBLISH_EPILOG)
def publish() -> None:
    """Publish the built site to Confluence.

    Confluence Cloud and Data Center are supported. Build the site first: the published pages are those that
    `modelbook build` wrote. A page belongs to its card, regardless of its title. Pages that Modelbook does not manage
    are never changed.
    """


DEMO_SERVER = (
    DeferredCommand("serve", _CONFLUENCE, "Start the demo server."),
    DeferredCommand("demo", _CONFLUENCE, "Publish the built site to the demo server."),
)


@click.group(cls=LazyGroup, deferred=DEMO_SERVER)
def confluence() -> None:
    """Run a demo server for Confluence on this machine.

    The server is strict, uses real HTTP, and shows its pages in the browser. Use it for a first look, for tests and in
    CI. It listens on loopback only.
    """

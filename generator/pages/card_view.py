"""The view of a card's page, by the kind of the card."""

from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.model import ModelView, build_model_view
from generator.pages.contexts.people import PersonView, TeamView, build_person_view, build_team_view
from generator.pages.contexts.rollouts import (
    ExperimentView,
    MigrationView,
    build_experiment_view,
    build_migration_view,
)
from generator.pages.contexts.topology import (
    FlowView,
    ResourceView,
    SystemView,
    build_flow_view,
    build_resource_view,
    build_system_view,
)
from generator.schema import Experiment, Flow, Migration, Model, Person, System, Team

CardPageView = ModelView | FlowView | SystemView | ExperimentView | MigrationView | TeamView | PersonView | ResourceView


def build_page_view(book: Book, ref: Ref) -> CardPageView:
    """Build the view of a card's page, or of a resource that other cards name."""
    match book.get_card(ref):
        case Model() as card:
            return build_model_view(book, card)
        case Flow() as card:
            return build_flow_view(book, card)
        case System() as card:
            return build_system_view(book, card)
        case Experiment() as card:
            return build_experiment_view(book, card)
        case Migration() as card:
            return build_migration_view(book, card)
        case Team() as card:
            return build_team_view(book, card)
        case Person() as card:
            return build_person_view(book, card)
        case _:
            return build_resource_view(book, ref)

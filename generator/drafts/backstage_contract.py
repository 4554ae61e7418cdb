"""The contract of a model in a Backstage catalog: the one operation of an API that it provides."""

from generator.drafts.backstage_catalog import Catalog, CatalogEntity
from generator.drafts.openapi_document import OpenApiDocument, list_endpoints
from generator.drafts.reading import parse_first_document
from generator.drafts.results import DraftFile
from generator.drafts.text_cleaning import make_id
from generator.errors import UserError
from generator.load.nodes import as_mapping
from generator.schema.base import to_plain_data

_MOST_NAMED = 12


def build_contract(
    catalog: Catalog, entity: CatalogEntity, guesses: dict[str, str], problems: list[str]
) -> tuple[DraftFile | None, dict[str, object]]:
    """Return the first OpenAPI definition that a model provides, and its values; add the problems of all.

    If the definition has several operations, the user has to choose: `/tokenize` takes JSON by POST as well.
    """
    file: DraftFile | None = None
    values: dict[str, object] = {}
    for ref in entity.list_references("providesApis", "api"):
        api = catalog.by_ref.get(ref)
        definition = api.spec.get("definition") if api else None
        if api is None or api.type != "openapi" or not isinstance(definition, str):
            problems.append(f"{ref} has no OpenAPI definition in the files, so the contract is unknown")
            continue
        try:
            data = as_mapping(to_plain_data(parse_first_document(definition, str(ref))))
        except UserError as error:
            problems.append(f"the definition of {ref} is unreadable: {error}")
            continue
        operations = OpenApiDocument(str(ref), data).list_operations()
        path = f"contracts/{make_id(api.name)}.openapi.{'json' if definition.lstrip()[:1] == '{' else 'yml'}"
        if not operations:
            problems.append(f"the definition of {ref} has no operation")
        elif file is not None:
            problems.append(f"a model has one contract: the definition of {ref} was omitted")
        elif len(operations) > 1:
            file = DraftFile(path, definition)
            names = ", ".join(operation.key for operation in operations[:_MOST_NAMED])
            known = f"{len(operations)} operations ({names}{', …' if len(operations) > _MOST_NAMED else ''})"
            option = f"`contract: {{openapi: ../{path}, operation: …}}`"
            problems.append(f"{ref} has {known}: choose one and add {option}, and its endpoint")
        else:
            file = DraftFile(path, definition)
            contract = {"openapi": f"../{path}", "operation": operations[0].key}
            values = {"endpoints": list_endpoints(operations[0], guesses, problems), "contract": contract}
    return file, values

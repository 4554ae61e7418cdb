"""A company of 30 repositories, some of which have cards beside their code, and the book that collects them."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.evidence.checkouts import commit_files, git, make_checkout

MKDOCS = """
site_name: Models of Example
site_url: https://models.example.com/
theme: {name: material, font: false}
use_directory_urls: false
plugins:
  - search
  - modelbook: {as_of: 2026-11-20}
markdown_extensions: [attr_list, md_in_html, tables, toc, pymdownx.highlight, pymdownx.superfences]
extra_css: [assets/modelbook/diagrams.css]
"""
COLLECT = """
# Checkouts that are kept up to date by another job; each has the name of its folders.
- folder: ../checkouts
- repository: ../mirrors/moderation.git
  name: legal/moderation
# Two teams of one repository, each with cards in its own folder.
- repository: ../mono
  name: ml/serving
  path: services/serving/cards.yml
- repository: ../mono
  name: ml/training
  path: [services/training/cards]
"""
TEAMS = {
    "shop": ("Shop", "meera"), "search": ("Search", "ravi"), "ranking": ("Ranking", "asha"), "food": ("Food", "tenzin"),
    "payments": ("Payments", "nikhil"), "logistics": ("Logistics", "kavya"), "growth": ("Growth", "rohan"),
    "support": ("Support", "farah"), "data": ("Data platform", "ananya"), "ml": ("ML platform", "karan"),
}  # fmt: skip
"""The teams of the company, each with its lead."""


def _write_party(team: str, name: str, lead: str) -> str:
    return (
        f"kind: team\nid: {team}\nname: {name}\nlead: {lead}\nchannel: '#{team}'\n---\n"
        f"kind: person\nid: {lead}\nname: {lead.title()}\nteam: {team}\nemail: {lead}@example.com\n"
    )


_SMALL_CONTRACT = """contract:
  request: {type: object, properties: {id: {type: string}}}
  response: {type: object, properties: {value: {type: number}}}
  examples: [{request: {id: a1}, response: {value: 0.5}}]
"""


def write_model(model: str, name: str, team: str, more: str = "", contract: str = _SMALL_CONTRACT) -> str:
    """Write the card of a model in production."""
    lead = TEAMS[team][1]
    return (
        f"kind: model\nid: {model}\nname: {name}\nsummary: {name} for customers of the shop.\nlifecycle: production\n"
        f"serving: online\nowners: [{team}]\ncontacts: {{ds: {lead}, product: meera, engineering: {lead}}}\n"
        f"version: 1.0.0\ndeployed_on: 2026-03-02\nreview_by: 2027-06-30\n"
        f'endpoints: {{production: "https://ml.example.com/v1/models/{model}:predict"}}\n{more}{contract}'
    )


def write_system(system: str, name: str, team: str, more: str = "", type_: str = "service") -> str:
    """Write the card of a system."""
    return f"kind: system\nid: {system}\nname: {name}\ntype: {type_}\nowners: [{team}]\n{more}"


def use(model: str, why: str, more: str = "") -> str:
    """Write a use of a model as the only one of a system."""
    return f"uses:\n  - {{model: {model}, why: {why}, criticality: high{more}}}\n"


CONTRACT = """contract:
  request: {$ref: ../api/request.json}
  response: {$ref: ../api/response.json}
  examples:
    - request: {query: dosa}
      response: {items: [{id: r1, score: 0.5}]}
"""
RESPONSE = """{
  "type": "object",
  "required": ["items"],
  "properties": {
    "items": {
      "type": "array",
      "items": {"type": "object", "properties": {"id": {"type": "string"}, "score": {"type": "number"}}}
    }
  }
}
"""
CHECKOUTS: dict[str, dict[str, str]] = {
    "shop/web": {"modelbook.yml": write_system("web", "Web shop", "shop", use("tpfy", "Fills the first row."), "app")},
    "shop/mobile": {
        "modelbook/app.yml": write_system("mobile", "Mobile app", "shop", use("ryl", "Sorts the home page."), "app")
    },
    "shop/checkout": {"modelbook.yml": write_system("checkout", "Checkout", "shop", use("fraud", "Blocks payments."))},
    "shop/catalog": {"modelbook.yml": write_system("catalog", "Catalog", "shop", 'depends_on: ["topic:dishes.v1"]\n')},
    "search/ranking": {
        "modelbook/search-ranking.yml": write_model("search-ranking", "Search ranking", "search", contract=CONTRACT),
        "api/request.json": '{"type": "object", "properties": {"query": {"type": "string"}}}\n',
        "api/response.json": RESPONSE,
    },
    "search/query-intent": {
        "modelbook.yml": write_model("query-intent", "Query intent", "search", "fallback: search-ranking\n")
    },
    "search/gateway": {
        "modelbook/gateway.yml": write_system(
            "search-gateway",
            "Search gateway",
            "search",
            use("search-ranking", "Sorts the results.", ", fields: ['items[].score']"),
        )
    },
    "search/indexer": {
        "modelbook.yml": write_system("indexer", "Indexer", "search", use("query-intent", "Labels words."), "job")
    },
    "ranking/ryl": {
        "modelbook/ryl.yml": write_model("ryl", "Restaurants you'll like", "ranking", "fallback: popular\n")
    },
    "ranking/tpfy": {"modelbook/tpfy.yml": write_model("tpfy", "Top picks for you", "ranking", "fallback: popular\n")},
    "ranking/popular": {"modelbook.yml": write_model("popular", "Popular nearby", "ranking")},
    "ranking/features": {
        "modelbook.yml": "kind: resource\ntype: feature_view\nid: customer\nname: Customer profile\nowners: [ranking]\n"
    },
    "payments/fraud": {"modelbook.yml": write_model("fraud", "Payment fraud", "payments")},
    "payments/gateway": {
        "modelbook.yml": write_system(
            "payment-gateway", "Payment gateway", "payments", use("fraud", "Asks for a code.")
        )
    },
    "payments/ledger": {
        "modelbook.yml": write_system("ledger", "Ledger", "payments", 'depends_on: ["topic:orders.v1"]\n')
    },
    "logistics/eta": {"modelbook/eta.yml": write_model("eta", "Delivery promise", "logistics")},
    "logistics/dispatch": {
        "modelbook.yml": write_system("dispatch", "Dispatch", "logistics", use("eta", "Chooses the rider."))
    },
    "logistics/rider-app": {
        "modelbook.yml": write_system("rider-app", "Rider app", "logistics", use("eta", "Shows the promise."), "app")
    },
    "logistics/forecast": {"modelbook.yml": write_model("demand", "Demand forecast", "logistics")},
    "growth/uplift": {"modelbook.yml": write_model("uplift", "Coupon uplift", "growth")},
    "growth/campaigns": {
        "modelbook.yml": write_system("campaigns", "Campaigns", "growth", use("uplift", "Chooses the coupon."))
    },
    "growth/mailer": {
        "modelbook.yml": write_system("mailer", "Mailer", "growth", use("demand", "Plans the day."), "job")
    },
    "support/triage": {"modelbook.yml": write_model("triage", "Ticket triage", "support")},
    "support/desk": {
        "modelbook.yml": write_system("desk", "Service desk", "support", use("triage", "Sorts the tickets."), "app")
    },
    "data/events": {
        "modelbook/topics.yml": "".join(
            f"---\nkind: resource\ntype: topic\nid: {topic}\nowners: [data]\n" for topic in ("orders.v1", "dishes.v1")
        )
    },
    "data/warehouse": {"modelbook.yml": "kind: resource\ntype: table\nid: daily_orders\nowners: [data]\n"},
    "data/tools": {"README.md": "Tools without cards.\n"},
}
SHA256 = {
    "modelbook/photos.yml": write_model("photos", "Photo quality", "food"),
    "modelbook/uploads.yml": write_system("uploads", "Photo uploads", "food", use("photos", "Asks for a better one.")),
}
MONO = {
    "services/serving/cards.yml": write_system("serving", "Model server", "ml"),
    "services/training/cards/training.yml": write_system("training", "Training", "ml", "", "job"),
    "services/training/train.py": "print('train')\n",
}
MIRROR = {
    "modelbook/moderation.yml": write_model("moderation", "Review moderation", "support", "fallback: triage\n"),
    "modelbook/reviews.yml": write_system("reviews", "Reviews", "support", use("moderation", "Hides reviews.")),
}
FLOW = """kind: flow
id: home
name: Home page
owners: [ranking]
trigger: The customer opens the app
steps:
  - {from: system:mobile, calls: model:ryl}
  - {from: model:ryl, reads: feature_view:customer}
  - {from: system:catalog, publishes: topic:dishes.v1}
"""


@dataclass(frozen=True)
class Company:
    """The folders of a company on disk."""

    root: Path

    @property
    def book(self) -> Path:
        """The folder of the book."""
        return self.root / "book"

    def get_checkout(self, name: str) -> Path:
        """Return the checkout of a repository, as shop/web."""
        return self.root / "checkouts" / name

    def list_repositories(self) -> Iterator[Path]:
        """Yield the folders of all repositories."""
        yield from (self.get_checkout(name) for name in (*CHECKOUTS, "food/photos"))
        yield from (self.root / "mono", self.root / "mirrors/moderation.git")


def make_company(root: Path) -> Company:
    """Make the repositories and the book. The ids of all commits are the same each time."""
    company = Company(root)
    for name, files in CHECKOUTS.items():
        make_checkout(company.get_checkout(name), files, f"git@git.example.com:{name}.git")
    photos = company.get_checkout("food/photos")
    photos.mkdir(parents=True)
    git(photos, "init", "-q", "-b", "main", "--object-format=sha256")
    commit_files(photos, SHA256)
    make_checkout(root / "mono", MONO, "git@git.example.com:ml/platform.git")
    origin = make_checkout(root / "origin", MIRROR)
    (root / "mirrors").mkdir()
    git(root, "clone", "-q", "--mirror", str(origin), str(root / "mirrors/moderation.git"))
    shutil.rmtree(origin)
    book = company.book
    (book / "cards").mkdir(parents=True)
    (book / "docs").mkdir()
    (book / "mkdocs.yml").write_text(MKDOCS.lstrip(), "utf-8")
    (book / "collect.yml").write_text(COLLECT.lstrip(), "utf-8")
    parties = (_write_party(team, name, lead) for team, (name, lead) in TEAMS.items())
    (book / "cards/teams.yml").write_text("---\n".join(parties), "utf-8")
    (book / "cards/home.yml").write_text(FLOW, "utf-8")
    return company

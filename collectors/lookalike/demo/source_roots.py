"""Which files stand below which source root, where a report measures several and does not say it.

coverage.py names a file below the root that it was found in, and lists the roots apart: of ``detector.py`` and
eight roots only the tree says which is meant. These are the folders and files below each root of the public
repositories of that name. One that stands below several roots is named at each: what its report says stays
ambiguous.
"""

from __future__ import annotations

SOURCE_ROOTS = {
    "organvm-iv-taxis/agentic-titan": {
        "adapters": "__init__.py base.py router.py",
        "agents": "__init__.py archetypes framework learning/__init__.py learning/entity_extractor.py"
        " learning/episodic.py learning/learner.py persona_coordination.py personas.py",
        "dashboard": "__init__.py app.py components models.py",
        "hive": "__init__.py analyzer.py assembly.py criticality.py decision events.py fission_fusion.py"
        " information_center.py learning.py machines.py memory.py migration neighborhood.py stigmergy.py"
        " topology.py topology_extended.py",
        "mcp": "__init__.py notifications.py prompts.py resources.py server.py",
        "runtime": "__init__.py base.py docker.py firecracker local.py openfaas.py sandbox.py selector.py",
        "titan": "__init__.py analysis api auth batch cli.py core costs knowledge learning/__init__.py"
        " learning/deployment.py learning/dpo_trainer.py learning/eval_suite.py learning/experiment.py"
        " learning/feedback.py learning/local_trainer.py learning/pipeline.py learning/preference_pairs.py"
        " learning/reward_model.py learning/reward_signals.py learning/rlhf.py memory metrics metrics.py"
        " observability orchestration persistence prompts ray safety spec.py stress tools workflows",
        "tools": "__init__.py base.py builtin.py documents executor.py pdf.py rag.py search.py semantic_code.py",
    },
    "organvm-i-theoria/call-function--ontological": {
        "application": "__init__.py analyzer.py grounding_report.py",
        "core": "__init__.py dasein.py four_causes.py grounding.py ontology.py semiotics.py",
        "tools": "__init__.py cli.py registry-builder.py test_validate_meta.py test_validate_naming.py"
        " validate_meta.py validate_naming.py",
    },
}
"""Repository → source root → what stands below it, relative to that root."""


def below_its_root(full_name: str, reported: str) -> list[str]:
    """The repository's own paths that a reported one may mean: none where unknown, several where any may be."""
    roots = SOURCE_ROOTS.get(full_name, {})
    return [
        f"{root}/{reported}"
        for root, names in roots.items()
        if any(reported == name or reported.startswith(f"{name}/") for name in names.split())
    ]

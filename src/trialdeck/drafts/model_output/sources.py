"""Read what a language model says of the source of a trial: DOI, registry number, PubMed number, citation."""

from collections.abc import Mapping
from typing import Any

from trialdeck.drafts.identifiers import PUBMED
from trialdeck.drafts.model_output.cards import parts_of
from trialdeck.drafts.model_output.names import SOURCE
from trialdeck.drafts.model_output.trials import ModelTrial
from trialdeck.drafts.model_output.values import STATED, Fitter, Path, fits, is_nothing
from trialdeck.drafts.source import bare_doi, doi_of, registry_of
from trialdeck.records.schema import load_schema

_PUBMED_NUMBERS = frozenset({"pmid", "pubmed_id", "pubmed"})


def read_source(value: Any, path: Path, trial: ModelTrial, fitter: Fitter) -> None:
    """Take a source: an object with parts, or a citation alone."""
    if not isinstance(value, Mapping):
        read_source_part("citation", value, path, trial, fitter)
        return
    for key, (name, part) in parts_of(value, path, fitter).items():
        if key in SOURCE:
            read_source_part(key, part, (*path, name), trial, fitter)
        elif not is_nothing(part):
            fitter.findings.leave((*path, name), "no place in a source; `citation` has it all", part)


def read_source_part(key: str, value: Any, path: Path, trial: ModelTrial, fitter: Fitter) -> None:
    """Take one part of a source by its name, if it has the form of that part."""
    own, findings = SOURCE[key], fitter.findings
    text = fitter.text(value, path, inline=True)
    if not text:
        return
    bare = _bare(own, key, text)
    there = trial.source.get(own)
    if there is not None or not fits(bare, load_schema("trial")["$defs"]["source"]["properties"][own]):
        findings.placed -= 1
        if there != bare:
            reason = f"another {own} stands before it" if there else f"it has not the form of a {own}"
            findings.leave(path, reason, value)
        return
    trial.source[own] = bare
    findings.infer(path, f"{own}: {STATED}", bare)
    doi = doi_of(bare) if own == "citation" else ""
    if doi and not trial.source.get("doi"):
        trial.source["doi"] = doi
        findings.infer(path, f"doi: {STATED}, in the citation", doi)


def _bare(own: str, key: str, text: str) -> str:
    if own == "doi":
        return bare_doi(text)
    if own == "registry":
        return registry_of(text) or text
    return f"{PUBMED}{text}/" if own == "url" and key in _PUBMED_NUMBERS and text.isdecimal() else text

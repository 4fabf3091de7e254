"""SPDX 2.3 in JSON, by its own library (https://spdx.github.io/spdx-spec/v2.3/)."""

import io
import uuid
from datetime import datetime

from license_expression import ExpressionError, get_spdx_licensing
from spdx_tools.spdx.model.actor import Actor, ActorType
from spdx_tools.spdx.model.checksum import Checksum, ChecksumAlgorithm
from spdx_tools.spdx.model.document import CreationInfo, Document
from spdx_tools.spdx.model.package import ExternalPackageRef, ExternalPackageRefCategory, Package
from spdx_tools.spdx.model.relationship import Relationship, RelationshipType
from spdx_tools.spdx.model.spdx_no_assertion import SpdxNoAssertion
from spdx_tools.spdx.writer.json import json_writer

from bot.model.inventory import Component, Inventory

_DOCUMENT = "SPDXRef-DOCUMENT"
_LICENSES = get_spdx_licensing()


def spdx(inventory: Inventory, version: str, created: datetime) -> str:
    """Return *inventory* as a document that was *created* then (UTC); *version* is condabot's."""
    ids = {each.purl: f"SPDXRef-Package-{number}" for number, each in enumerate(inventory.components, 1)}
    name = f"{inventory.lock} {inventory.environment} {inventory.platform}"
    text = "\n".join([name, *(f"{each.purl} {each.sha256}" for each in inventory.components)])
    document = Document(
        creation_info=CreationInfo(
            spdx_version="SPDX-2.3",
            spdx_id=_DOCUMENT,
            name=name,
            document_namespace=f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, text)}",
            creators=[Actor(ActorType.TOOL, f"condabot-{version}")],
            created=created.replace(microsecond=0, tzinfo=None),
        ),
        packages=[_package(each, ids[each.purl]) for each in inventory.components],
        relationships=[
            *(Relationship(_DOCUMENT, RelationshipType.DESCRIBES, each) for each in ids.values()),
            *(
                Relationship(ids[each.purl], RelationshipType.DEPENDS_ON, ids[needed])
                for each in inventory.components
                for needed in each.needs
            ),
        ],
    )
    written = io.StringIO()
    json_writer.write_document_to_stream(document, written, validate=False)
    return written.getvalue()


def _package(component: Component, spdx_id: str) -> Package:
    hashes = {ChecksumAlgorithm.SHA256: component.sha256, ChecksumAlgorithm.MD5: component.md5}
    purls = filter(None, (component.purl, component.upstream))
    return Package(
        spdx_id=spdx_id,
        name=component.name,
        download_location=component.url if "://" in component.url else SpdxNoAssertion(),
        version=component.version or None,
        files_analyzed=False,
        checksums=[Checksum(algorithm, text.lower()) for algorithm, text in hashes.items() if text],
        license_declared=_license(component.license),
        external_references=[
            ExternalPackageRef(ExternalPackageRefCategory.PACKAGE_MANAGER, "purl", each) for each in purls
        ],
    )


def _license(text: str) -> object:
    """Return what a package states, if it is an expression of licenses that SPDX knows; else nothing is asserted."""
    try:
        return _LICENSES.parse(text, validate=True, strict=True) if text else SpdxNoAssertion()
    except ExpressionError:
        return SpdxNoAssertion()

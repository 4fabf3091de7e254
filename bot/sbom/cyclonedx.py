"""CycloneDX 1.6 in JSON, by its own library (https://cyclonedx.org/docs/1.6/json/).

The serial number follows from what is in it: the same inventory at the same moment is the same text.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component as Item
from cyclonedx.model.component import ComponentType
from cyclonedx.model.dependency import Dependency
from cyclonedx.model.tool import Tool
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from bot.model.inventory import Component, Inventory


def cyclonedx(inventory: Inventory, version: str, created: datetime) -> str:
    """Return *inventory* as a document that was *created* then (UTC); *version* is condabot's."""
    root = Item(name=f"{inventory.environment} on {inventory.platform}", type=ComponentType.APPLICATION, bom_ref="root")
    items = {each.purl: _item(each) for each in inventory.components}
    bom = Bom(components=items.values(), serial_number=_serial(inventory))
    bom.metadata.timestamp = created.replace(microsecond=0)
    bom.metadata.component = root
    bom.metadata.properties = [Property(name="condabot:lock", value=inventory.lock)]
    bom.metadata.tools.tools.add(Tool(name="condabot", version=version))
    bom.dependencies = _dependencies(inventory, root, items)
    return str(JsonV1Dot6(bom).output_as_string(indent=2))


def _item(component: Component) -> Item:
    hashes = {HashAlgorithm.SHA_256: component.sha256, HashAlgorithm.MD5: component.md5}
    licenses = [LicenseFactory().make_from_string(component.license)] if component.license else []
    reference = ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=XsUri(component.url))
    return Item(
        name=component.name,
        version=component.version,
        type=ComponentType.LIBRARY,
        bom_ref=component.purl,
        purl=PackageURL.from_string(component.purl),
        hashes=[HashType(alg=algorithm, content=text) for algorithm, text in hashes.items() if text],
        licenses=licenses,
        external_references=[reference] if component.url else [],
        properties=[Property(name="condabot:upstream", value=component.upstream)] if component.upstream else [],
    )


def _dependencies(inventory: Inventory, root: Item, items: Mapping[str, Item]) -> list[Dependency]:
    needed = {purl for each in inventory.components for purl in each.needs}
    own = [Dependency(items[each.purl].bom_ref, [_leaf(items[n]) for n in each.needs]) for each in inventory.components]
    return [Dependency(root.bom_ref, [_leaf(items[purl]) for purl in items if purl not in needed]), *own]


def _leaf(item: Item) -> Dependency:
    return Dependency(item.bom_ref)


def _serial(inventory: Inventory) -> uuid.UUID:
    parts = (inventory.lock, inventory.environment, inventory.platform)
    contents = (f"{each.purl} {each.sha256}" for each in inventory.components)
    return uuid.uuid5(uuid.NAMESPACE_URL, "\n".join([*parts, *contents]))

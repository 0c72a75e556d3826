"""R2: a new manifest, and whether all it says is true."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.model.mishaps import OTHER_TYPE_BYTES, REPLACES
from tests.model.reference import Landed, Making, Reference
from tests.model.saying import Statement
from tests.model.things import Place, moment
from tests.model.world import Call, World


@dataclass(frozen=True)
class NewManifest:
    """The one manifest that a call has made."""

    world: World
    reference: Reference
    call: Call
    key: str

    @cached_property
    def _manifest(self) -> Mapping[str, Any]:
        document: Mapping[str, Any] = self.world.document(self.key)
        return document

    def landed(self) -> tuple[Place, Landed]:
        """What it stands for, and what it says."""
        manifest, place = self._manifest, Place.of(self._manifest)
        assert place == Place.of(self.call.event), f"R2: {self.key} is of something else than was asked for"
        assert manifest["settled"] == (place.ordered_at is None), f"{self.key} is wrong about having settled"
        self._is_where_readers_look(place)
        self._is_the_vendors(place)
        landed_at = moment(manifest["landed_at"])
        assert landed_at
        return place, Landed(
            manifest["key"], self.key, manifest["task_id"], manifest["sha256"], manifest["size_bytes"], landed_at
        )

    def _is_where_readers_look(self, place: Place) -> None:
        thing = place.thing
        folder = f"kind={thing.kind}/project_id={thing.project_id}"
        if thing.whole_day and place.ordered_at is None:
            assert self.key == f"manifests/{folder}/day={thing.whole_day}.json"
        else:
            assert self.key.startswith(f"manifests/{folder}/")
            assert not self.key.endswith(f"/day={thing.whole_day}.json"), "a part passes for the whole day"

    def _is_the_vendors(self, place: Place) -> None:
        task_id = self._manifest["task_id"]
        making = self.reference.makings.get(task_id)
        assert making, f"R2: {task_id} is no task of the vendor's"
        assert making.thing == place.thing, f"R2: {place.thing} is archived with the file of {making.thing}"
        assert not making.is_revoked, f"R2: what task {task_id} brought was taken back, and has landed again"
        if place.ordered_at is None:
            assert place.thing.is_settled(making.task.created_at), f"{place.thing} was made before it had settled"
        if self._manifest["key"] is None:
            self._is_nothing(making)
        else:
            self._is_a_file(making)

    def _is_nothing(self, making: Making) -> None:
        """Only what two tasks have said alike makes a window empty."""
        assert (self._manifest["outcome"], self._manifest["size_bytes"]) == ("empty", 0)
        assert making.has_no_data, f"R2: the window of {making.task.task_id} is empty, and the vendor has data"
        assert Statement(self.reference, self.call).is_backed, "R2: empty, though no other task has said so"

    def _is_a_file(self, making: Making) -> None:
        manifest = self._manifest
        assert manifest["outcome"] == "landed"
        assert manifest["key"] in self.world.objects("data/"), f"R2: {manifest['key']} is not there"
        content = b"".join(self.world.store.chunks(manifest["key"]))
        if content == OTHER_TYPE_BYTES:
            self._is_of_another_type()
        else:
            replaced = self.call.met.get("download", []).count(REPLACES)
            assert manifest["sha256"] in self.world.digests(making.task, replaced=replaced), "R2: that is not the file"
        assert hashlib.sha256(content).hexdigest() == manifest["sha256"], "R2: the object is not what the manifest says"
        assert len(content) == manifest["size_bytes"], "R2: the object has another length than the manifest says"
        assert manifest["vendor_request_ids"], "R8: no vendor request id in the manifest"

    def _is_of_another_type(self) -> None:
        assert Statement(self.reference, self.call).is_backed, "R2: another type, though no other task has brought one"
        assert self._manifest["format"] == "unknown"
        assert self._manifest["note"], "R8: nothing says that it is of another type"

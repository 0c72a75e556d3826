"""What one fetch says of its task that is not believed of one task alone."""

from dataclasses import dataclass

from tests.model.mishaps import ANY_CALL, NO_DATA, OTHER_TYPE
from tests.model.reference import Making, Reference
from tests.model.statements import Said, Statements
from tests.model.things import Place
from tests.model.world import Call


@dataclass(frozen=True)
class Statement:
    """That its task has no data, or that its file is of another type."""

    reference: Reference
    call: Call

    @property
    def _making(self) -> Making:
        return self.reference.makings[self.call.event["task_id"]]

    @property
    def _earlier(self) -> Statements:
        return self.reference.statements[self._making.thing]

    @property
    def _said(self) -> Said:
        words = NO_DATA if self._making.has_no_data else OTHER_TYPE
        return Said(words, self._making.task.task_id, self.call.began)

    @property
    def _met(self) -> list[str]:
        return self.call.met.get("download", [])

    @property
    def is_backed(self) -> bool:
        """Whether another task may have said the same."""
        return self._earlier.may_count(self._said)

    def may_make_empty(self) -> bool:
        """Whether the window may become empty though nothing has gone wrong; where it must, an error will not do."""
        is_refused = self._has_failed and self._is_certain
        assert not (is_refused and self._earlier.must_count(self._said)), (
            f"R2: two tasks say {self._said.words}, and it is not believed"
        )
        return self._making.has_no_data and self.is_backed

    def note(self) -> None:
        """Keep it in mind; after a call that went wrong, as what may have been noted."""
        has_met = OTHER_TYPE in self._met
        if not (self._making.has_no_data or has_met):
            return
        outcome = self.call.answer and self.call.answer["archived"]["outcome"]
        is_heard = self._has_failed or outcome in {"landed", "empty"}
        may_be_heard = self.call.died or self.call.storage_failed or self.call.containers > 1 or has_met
        if is_heard or may_be_heard:
            self._earlier.note(self._said, is_sure=is_heard and self._is_certain)

    def contradict(self, place: Place) -> None:
        """Forget the statements about a thing that can be ordered again, since a file of it has landed."""
        if place.ordered_at is None:
            return
        is_another = self._making.has_no_data or OTHER_TYPE in self._met
        is_undisturbed = not (self.call.died or self.call.storage_failed or self.call.containers > 1)
        self._earlier.contradict(is_sure=is_undisturbed and not is_another)

    @property
    def _has_failed(self) -> bool:
        return type(self.call.error).__name__ in {"TaskFailed", "BadFile"}

    @property
    def _is_certain(self) -> bool:
        """Whether the fetch has heard it, and could note it."""
        if self.call.died or self.call.storage_failed or self.call.containers > 1:
            return False
        return self._making.has_no_data or (self._met[-1:] == [OTHER_TYPE] and set(self._met[:-1]) <= ANY_CALL.keys())

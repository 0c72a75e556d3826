"""A server that injects faults, as one object: it listens in a thread of its own, and shows what it was asked."""

from abc import abstractmethod
from collections.abc import Collection, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import ClassVar, Generic, Self, TypeVar

from local.faults.ledger import Ledger, Received
from local.faults.script import Dice, Script
from local.listener import Handler, Listener

_Call = TypeVar("_Call", bound=Received)
_Fault = TypeVar("_Fault")


@dataclass(kw_only=True, eq=False, repr=False)
class FaultyServer(Generic[_Call, _Fault]):
    """A server on 127.0.0.1, for ``with server: server.url``.

    Attributes:
        fault_rate: How many calls fail at random, of 1; scripted faults come first and are not counted among them.
        fault_names: Which of the service's faults these are, each where it fits.
        fault_seed: Of the dice; which call meets which throw depends on the order they arrive in.
        port: A fixed port, or 0 for any that is free.
    """

    fault_rate: float = 0.0
    fault_names: Collection[str] = ()
    fault_seed: int = 0
    port: int = 0

    NAME: ClassVar[str]
    OPERATIONS: ClassVar[Collection[str]]
    BODY_LIMIT_BYTES: ClassVar[int] = 1024**2
    """Of a request whose body is read as a whole."""

    def __post_init__(self) -> None:
        """Prepare to listen."""
        self._listener = Listener(self.NAME, self._serving, port=self.port, body_limit_bytes=self.BODY_LIMIT_BYTES)
        self._ledger: Ledger[_Call] = Ledger()
        dice = Dice(self._choices, self.fault_rate, self.fault_seed)
        self._script: Script[_Fault] = Script(self.OPERATIONS, self._check_fit, dice)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen; returns once connections are taken and raises OSError when the port is not to be had."""
        self._listener.start()

    def stop(self) -> None:
        """Cut off what is still running; stopping twice is harmless."""
        self._listener.stop()

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return self._listener.url

    @property
    def requests(self) -> tuple[_Call, ...]:
        """Every request so far, in order of arrival."""
        return self._ledger.all()

    def calls(self, operation: str) -> tuple[_Call, ...]:
        """The requests of one operation, refused ones too."""
        if operation not in self.OPERATIONS:
            raise ValueError(f"no operation is called {operation!r}; there are {', '.join(self.OPERATIONS)}")
        return tuple(call for call in self.requests if call.operation == operation)

    def forget(self) -> None:
        """Begin to count requests anew."""
        self._ledger.forget()

    def script(self, operation: str, *faults: _Fault) -> None:
        """Queue faults for the next calls of an operation, one each; then all is well again."""
        self._script.add(operation, *faults)

    def calm(self) -> None:
        """Forget the scripted faults that no call has met yet."""
        self._script.calm()

    @property
    def random_faults(self) -> Mapping[str, int]:
        """How many calls have failed at random, by what they met."""
        return self._script.thrown()

    @property
    def pending_faults(self) -> Mapping[str, int]:
        """How many scripted faults no call has met yet, by operation."""
        return self._script.pending()

    @abstractmethod
    def _serving(self) -> AbstractAsyncContextManager[Handler]:
        """Give the handler, entered and left in the server's own loop."""

    @abstractmethod
    def _check_fit(self, operation: str, fault: _Fault) -> None:
        """Raise ValueError for a fault that the operation could never show."""

    @abstractmethod
    def _choices(self, operation: str) -> Mapping[str, _Fault]:
        """Give those of the named faults that a call of the operation can meet."""

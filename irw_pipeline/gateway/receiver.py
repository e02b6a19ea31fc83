"""A C-STORE SCP (PS3.4 Annex B): receives objects into the landing zone.

An object is acknowledged only after it is stored, so a sender that was not told success sends it
again, and its content-addressed name makes the second time harmless.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from typing import TYPE_CHECKING

from pynetdicom import (
    AE,
    ALL_TRANSFER_SYNTAXES,
    AllStoragePresentationContexts,
    VerificationPresentationContexts,
    _config,
    evt,
)

from irw_pipeline.errors import InputError, TransientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pynetdicom.events import Event
    from pynetdicom.transport import ThreadedAssociationServer

_LOGGER = logging.getLogger(__name__)

SUCCESS = 0x0000
OUT_OF_RESOURCES = 0xA700
CANNOT_UNDERSTAND = 0xC000

MAX_PDU_BYTES = 1 << 18
"""What we offer to take in one PDU: fewer, larger reads than at the default of 16 KiB."""


class Receiver:
    """A running receiver; `serve` makes it."""

    def __init__(self, store: Callable[[str, bytes], None]) -> None:
        """Hold where objects go; `serve` opens the port."""
        self._store = store
        self._counting = threading.Lock()
        self._server: ThreadedAssociationServer | None = None
        self._port = 0
        self.received_count = 0
        self.failed_count = 0

    @property
    def port(self) -> int:
        """The TCP port that is listened on."""
        return self._port

    def stop(self, *, grace_seconds: float = 10.0) -> None:
        """Take no new association, let those under way end, then abort what is left.

        An object whose transfer is aborted was not acknowledged. Stopping twice is harmless.
        """
        server, self._server = self._server, None
        if server is None:
            return
        server.shutdown()
        deadline = time.monotonic() + grace_seconds
        while server.ae.active_associations and time.monotonic() < deadline:
            time.sleep(0.05)
        server.ae.shutdown()
        _LOGGER.info(
            "receiver stopped received=%d failed=%d", self.received_count, self.failed_count
        )

    def _open(self, ae: AE, host: str, port: int) -> None:
        server = ae.start_server(
            (host, port),
            block=False,
            evt_handlers=[
                (evt.EVT_C_STORE, self._on_store),
                (evt.EVT_C_ECHO, lambda _event: SUCCESS),
            ],
        )
        assert server is not None  # noqa: S101 - block=False always gives the server
        self._server = server
        self._port = int(server.server_address[1])

    def _on_store(self, event: Event) -> int:
        """Store the object as it was sent and return the status to answer."""
        status = self._stored(event)
        with self._counting:
            self.received_count += status == SUCCESS
            self.failed_count += status != SUCCESS
        return status

    def _stored(self, event: Event) -> int:
        try:
            content = event.encoded_dataset()
            self._store(f"{hashlib.sha256(content).hexdigest()}.dcm", content)
        except (OSError, TransientError) as error:
            _LOGGER.warning("object not stored, the sender may retry: %s", type(error).__name__)
            return OUT_OF_RESOURCES
        except Exception as error:  # noqa: BLE001 - every object must be answered, whatever it holds
            _LOGGER.warning("object refused: %s", type(error).__name__)
            return CANNOT_UNDERSTAND
        return SUCCESS


def serve(
    store: Callable[[str, bytes], None],
    *,
    port: int,
    ae_title: str,
    allowed: frozenset[str] = frozenset(),
    host: str = "127.0.0.1",
) -> Receiver:
    """Return a receiver that answers C-ECHO and C-STORE in background threads until stopped.

    Every storage SOP class and transfer syntax that pynetdicom knows is accepted, and the data set
    is kept byte for byte as it was sent. DICOM has no passwords: `allowed` keeps out mistakes, a
    firewall keeps out strangers.

    Args:
        store: Puts content under a name that says nothing of the patient, durably, and may be
            called from several threads; the same name always has the same content.
        port: 0 takes a free one, see `Receiver.port`.
        ae_title: Our own title, 1 to 16 characters.
        allowed: Calling AE titles that may associate; empty lets all in.
        host: The address to listen on; `0.0.0.0` is every interface.

    Raises:
        InputError: A title is malformed, or the port cannot be opened.
    """
    # pynetdicom's own log lines quote UIDs and data sets of the sender.
    _config.LOG_HANDLER_LEVEL = "none"
    logging.getLogger("pynetdicom").setLevel(logging.CRITICAL)
    try:
        ae = AE(ae_title)
        if allowed:
            ae.require_calling_aet = sorted(allowed)
    except ValueError as error:
        raise InputError(
            "an AE title has 1 to 16 characters of ASCII; correct the title"
        ) from error
    ae.maximum_pdu_size = MAX_PDU_BYTES
    for context in VerificationPresentationContexts + AllStoragePresentationContexts:
        ae.add_supported_context(str(context.abstract_syntax), ALL_TRANSFER_SYNTAXES)
    receiver = Receiver(store)
    try:
        receiver._open(ae, host, port)  # noqa: SLF001 - the two are one unit
    except OSError as error:
        raise InputError(
            f"port {port} cannot be opened ({type(error).__name__}); choose another port"
        ) from error
    _LOGGER.info("receiver started port=%d", receiver.port)
    return receiver

from __future__ import annotations

import hashlib
import io
import logging
import socket
import threading
from typing import TYPE_CHECKING

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.uid import generate_uid
from pynetdicom import AE, VerificationPresentationContexts

from irw_pipeline.errors import InboxUnavailableError, InputError
from irw_pipeline.gateway.receiver import Receiver, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydicom import Dataset

    Serve = Callable[..., Receiver]

FILES = ["CT_small.dcm", "MR_small.dcm", "JPEG2000.dcm", "image_dfl.dcm", "test-SR.dcm"]
CANARY = "CANARY^NAME"


@pytest.fixture
def running() -> Iterator[Serve]:
    receivers: list[Receiver] = []

    def start(store: Callable[[str, bytes], None], **settings: object) -> Receiver:
        receivers.append(serve(store, port=0, ae_title="IRW", **settings))  # type: ignore[arg-type]
        return receivers[-1]

    yield start
    for receiver in receivers:
        receiver.stop(grace_seconds=0)


def source(name: str) -> Dataset:
    path = get_testdata_file(name)
    assert isinstance(path, str)
    return pydicom.dcmread(path)


def send(receiver: Receiver, *objects: Dataset, calling: str = "MODALITY") -> list[int]:
    scu = AE(calling)
    for dataset in objects:
        scu.add_requested_context(dataset.SOPClassUID, dataset.file_meta.TransferSyntaxUID)
    association = scu.associate("127.0.0.1", receiver.port, ae_title="IRW")
    assert association.is_established
    statuses = [association.send_c_store(dataset).Status for dataset in objects]
    association.release()
    return statuses


def test_what_was_sent_is_stored_under_the_hash_of_its_bytes(running: Serve) -> None:
    stored: dict[str, bytes] = {}
    receiver = running(stored.__setitem__)
    for name in FILES:
        sent = source(name)
        stored.clear()
        assert send(receiver, sent) == [0x0000]
        ((key, content),) = stored.items()
        assert key == f"{hashlib.sha256(content).hexdigest()}.dcm"
        kept = pydicom.dcmread(io.BytesIO(content))
        assert kept == sent
        assert kept.file_meta.TransferSyntaxUID == sent.file_meta.TransferSyntaxUID
    assert receiver.received_count == len(FILES)


def test_the_same_object_twice_is_stored_once(running: Serve) -> None:
    stored: dict[str, bytes] = {}
    receiver = running(stored.__setitem__)
    assert send(receiver, source("CT_small.dcm"), source("CT_small.dcm")) == [0x0000, 0x0000]
    assert len(stored) == 1


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OSError("disk full"), 0xA700),
        (InboxUnavailableError("the landing zone did not answer"), 0xA700),
        (RuntimeError(CANARY), 0xC000),
    ],
)
def test_an_object_that_was_not_stored_is_not_acknowledged(
    running: Serve, error: Exception, status: int
) -> None:
    def store(_name: str, _content: bytes) -> None:
        raise error

    receiver = running(store)
    assert send(receiver, source("CT_small.dcm")) == [status]
    assert (receiver.received_count, receiver.failed_count) == (0, 1)


def test_success_is_answered_after_the_store_returned(running: Serve) -> None:
    may_store, answered = threading.Event(), threading.Event()
    receiver = running(lambda _name, _content: may_store.wait(10) and None)

    def sender() -> None:
        send(receiver, source("CT_small.dcm"))
        answered.set()

    thread = threading.Thread(target=sender)
    thread.start()
    assert not answered.wait(0.5)
    may_store.set()
    thread.join(10)
    assert answered.is_set()


def test_echo_is_answered(running: Serve) -> None:
    receiver = running(lambda _name, _content: None)
    scu = AE()
    scu.requested_contexts = VerificationPresentationContexts
    association = scu.associate("127.0.0.1", receiver.port)
    assert association.send_c_echo().Status == 0x0000
    association.release()


def test_a_caller_who_is_not_allowed_is_rejected(running: Serve) -> None:
    receiver = running(lambda _name, _content: None, allowed=frozenset({"SCANNER1"}))
    scu = AE("STRANGER")
    scu.requested_contexts = VerificationPresentationContexts
    assert scu.associate("127.0.0.1", receiver.port).is_rejected
    assert send(receiver, source("CT_small.dcm"), calling="SCANNER1") == [0x0000]


@pytest.mark.parametrize("works", [True, False])
def test_no_identity_reaches_a_log(
    running: Serve, caplog: pytest.LogCaptureFixture, *, works: bool
) -> None:
    dataset = source("CT_small.dcm")
    dataset.PatientName = CANARY
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()

    def store(_name: str, _content: bytes) -> None:
        if not works:
            raise ValueError(CANARY)

    with caplog.at_level(logging.DEBUG):
        send(running(store), dataset)
    assert CANARY not in caplog.text
    assert dataset.SOPInstanceUID not in caplog.text


def test_a_stopped_receiver_takes_nothing_and_stops_twice(running: Serve) -> None:
    receiver = running(lambda _name, _content: None)
    port = receiver.port
    receiver.stop()
    receiver.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_a_port_in_use_is_an_error_of_one_line(running: Serve) -> None:
    receiver = running(lambda _name, _content: None)
    with pytest.raises(InputError, match="choose another port"):
        serve(lambda _name, _content: None, port=receiver.port, ae_title="IRW")


@pytest.mark.parametrize("title", ["", "SEVENTEEN_LETTERS", "Ä"])
def test_a_malformed_title_is_an_error_of_one_line(title: str) -> None:
    with pytest.raises(InputError, match="AE title"):
        serve(lambda _name, _content: None, port=0, ae_title=title)

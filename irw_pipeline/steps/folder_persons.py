"""Whose the files of a folder are, and what all headers of one person tell: the first pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irw_pipeline.deid.known.told import Told
from irw_pipeline.identity.broker import ehr_person_key
from irw_pipeline.identity.issuers import Issuers
from irw_pipeline.identity.known import known_from_patient_row
from irw_pipeline.identity.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Mapping

    from irw_pipeline.identity.broker import Broker
    from irw_pipeline.steps.hear_header import Heard, Whose


class Persons:
    """The persons of a folder; what is held grows with them and their studies, not the files.

    Without a PatientID each study is a person of its own. What the headers of one PatientID tell
    is known of all who have it, whatever their issuer.
    """

    def __init__(
        self,
        broker: Broker,
        patients: Mapping[str, Mapping[str, str | None]],
        *,
        keeps_places: bool,
    ) -> None:
        """Nobody yet.

        Args:
            broker: Gives the pseudonyms.
            patients: The EHR's rows by PatientID: they keep the pseudonym of the warehouse.
            keeps_places: Whether the policy lets places stand.
        """
        self._broker = broker
        self._patients = patients
        self._keeps_places = keeps_places
        self._issuers = Issuers()
        self._told: dict[str, Told] = {}
        self._last: dict[str, Told] = {}
        self._subjects: dict[Whose, Subject] = {}

    def add(self, heard: Heard) -> None:
        """Take in what one file tells; every file before the first `subject`."""
        whose, told = heard.whose, heard.told
        self._issuers.note(whose.patient_id, whose.issuer, whose.study)
        own = whose.patient_id or whose.study
        if self._last.get(own) is not told:
            self._last[own] = told
            self._told[own] = self._told.get(own, Told()) | told

    def subject(self, whose: Whose) -> Subject:
        """The person of an object, known by all that was taken in."""
        found = self._subjects.get(whose)
        if found is None:
            found = self._subjects[whose] = self._made(whose)
        return found

    def _made(self, whose: Whose) -> Subject:
        told = self._told.get(whose.patient_id or whose.study, Told())
        known = told.secrets(keeps_places=self._keeps_places)
        row = self._patients.get(whose.patient_id)
        if row is not None:
            person_key = ehr_person_key(whose.patient_id)
            known |= known_from_patient_row(row)
        else:
            person_key = self._issuers.person_key(*whose)
        return Subject(
            person_id=self._broker.person_id(person_key),
            research_id=self._broker.research_id(person_key),
            date_offset_days=self._broker.date_offset_days(person_key),
            known=known,
        )

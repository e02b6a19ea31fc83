"""A patient whose issuer stands in some objects only is one person, not two."""

from __future__ import annotations

from irw_pipeline.identity.broker import dicom_person_key


class Issuers:
    """The issuers seen with each PatientID, which fill in where an object names none.

    Two issuers with one id are two persons. An object without an issuer belongs to the only one
    seen with its id; of several to the one of its study; if that does not tell either, it is a
    person of its own, since nobody can say whose it is.
    """

    def __init__(self) -> None:
        """Nothing seen yet."""
        self._by_id: dict[str, set[str]] = {}
        self._by_study: dict[tuple[str, str], set[str]] = {}

    def note(self, patient_id: str, issuer: str, study: str) -> None:
        """See one object."""
        if patient_id and issuer:
            self._by_id.setdefault(patient_id, set()).add(issuer)
            self._by_study.setdefault((patient_id, study), set()).add(issuer)

    def person_key(self, patient_id: str, issuer: str, study: str) -> str:
        """The natural key of a person; without a PatientID each study is one."""
        if patient_id and not issuer:
            of_study = self._by_study.get((patient_id, study), set())
            for seen in (self._by_id.get(patient_id, set()), of_study):
                if len(seen) == 1:
                    issuer = next(iter(seen))
        return dicom_person_key(issuer, patient_id or study)

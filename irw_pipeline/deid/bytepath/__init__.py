"""The byte path: headers de-identified on their bytes; what is unusual is the reference's."""

"""What DICOM is: reading, header facts, writing. No policy, no identity."""

"""Policies: the tables of PS3.15 under options and rules, compiled for each kind of object."""

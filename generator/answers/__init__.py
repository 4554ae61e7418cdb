"""Answers from the whole book: impact, order, contacts, departures, handovers, open work, history."""

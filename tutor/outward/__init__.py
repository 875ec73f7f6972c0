"""What the learner has, for other tools: Anki, spreadsheets, calendars, notes. Values in, bytes out."""

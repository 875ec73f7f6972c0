"""Mock interviews as pure values: levels, the choice of questions, the course, the hire signal, the comparison, reports."""

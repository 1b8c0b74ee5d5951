"""secnode on a PC: verbs/ is what a person does, the other folders what verbs are made of."""

"""What a person does with secnode on a PC: `secnode VERB`, one file a verb, loaded when it is used."""

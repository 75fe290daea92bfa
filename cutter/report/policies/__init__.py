"""What `cutter policies …` answers: the values that screens are made of, their JSON documents, and the screens."""

"""What is generated into `schemas/`, from the code that reads and writes the records themselves."""

"""What is wrong in pipeline files, in the forms that people and programs read: full, concise, json, sarif, github."""

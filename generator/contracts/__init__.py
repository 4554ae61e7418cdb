"""What a model takes and answers: schema fields, examples, the sample curl."""

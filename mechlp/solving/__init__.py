"""From a question to an answer: the compiler, its reductions, and the searches around it."""

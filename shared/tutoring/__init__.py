"""Teaching rather than answering, as far as it can be checked: results in a text, exercises that can be worked out, leaks."""

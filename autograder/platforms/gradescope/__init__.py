"""The assignment on Gradescope: `pack` makes the zip, `there` is what runs in Gradescope's container.

The container's folders and files are those of Gradescope's "Autograder Specifications".
"""

TERMS = "terms.json"  # what is graded there and how, beside the kit

"""The nouns of condabot: frozen, slotted, keyword-only; no behaviour beyond what follows from their fields.

`manifest` what people write, `package` what channels and locks hold, `environment` what is solved,
`solve` a question to the solver and its answer, `update` what condabot wants and what became of it.
"""

"""The pages that people see: what became of their repositories and why, server-rendered, without a script.

`site` what is shown | `actions` buttons | `sign_in` how one gets in | `desk` what every page goes through |
`viewers` what one may see | `sessions` cookies | `why` one screen of sentences | `rendering` templates.
Nothing here works: it reads, within bounds, and writes down what is wanted.
"""

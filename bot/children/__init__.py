"""Child processes of ours: told everything and inheriting nothing, bounded, gone when their parent is.

`child` is one from its parent's side, `frames` is how both speak, `bounds` what a child may take, `starting` how one is
made and ended. What is said, and by whom, is for `bot.relock` and `bot.inspecting` to know.
"""

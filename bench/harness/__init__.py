"""The measurements behind `./sake bench`; ../README.md says how each figure is taken."""

"""A GitHub and a channel on localhost: what `condabot demo` and the tests run against."""

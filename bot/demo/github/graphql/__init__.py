"""The GraphQL API: GitHub's schema, executed by graphql-core over this GitHub's state.

https://docs.github.com/en/graphql
"""

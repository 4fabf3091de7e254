"""Where releases are: what channels and indexes offer, asked over the network, answered in the nouns of `bot.model`."""

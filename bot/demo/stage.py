"""The whole of condabot on this machine: a channel, a GitHub, a PostgreSQL and the App between them.

`condabot demo` and the end-to-end tests stand on the same stage.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.app import Service, build_app
from bot.clock import Clock
from bot.demo.channel.server import DemoChannel
from bot.demo.github.server import FakeGitHub
from bot.egress import EgressPolicy
from bot.github.auth import AppSigner, GitHubApp
from bot.github.ours import MarkerKeys
from bot.github.throttle import Pace
from bot.handlers.policy import Policy as WebhookPolicy
from bot.jobs.report import RunReport, Scan
from bot.jobs.scan import RepositoryScan
from bot.manifests import is_relevant
from bot.planning.policy import Policy
from bot.settings import ChannelSettings, Mirror
from bot.updating.engine import Engine, open_engine

APP_ID = 4242
SLUG = "condabot"
PREFIX = f"{SLUG}/"
POLL = 0.05
NO_PACE = Pace(between_writes=0)
UNFINISHED = "SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'repository' AND status IN ('todo', 'doing')"

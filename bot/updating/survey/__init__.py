"""The second step of a scan: how a repository stands, and how it could, before anything is wanted of it."""

from bot.updating.survey.survey import Survey
from bot.updating.survey.surveyor import Offers, Standings, Surveyor, obstacles

__all__ = ["Offers", "Standings", "Survey", "Surveyor", "obstacles"]

"""The ways in which this GitHub says no.

ApiError            an answer with a status of 300 or more
RefRejectedError    a reference was not moved; REST answers 422, GraphQL an error of type UNPROCESSABLE
"""

from collections.abc import Mapping, Sequence
from typing import Any

DOCUMENTATION = "https://docs.github.com/rest"


class ApiError(Exception):
    """An error answer: GitHub's status, sentence, list of field errors and headers."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        url: str = "",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.url = url

    @property
    def body(self) -> dict[str, Any]:
        """Return the JSON object GitHub answers with."""
        body: dict[str, Any] = {
            "message": self.message,
            "documentation_url": DOCUMENTATION,
            "status": str(self.status),
        }
        return body | ({"errors": list(self.errors)} if self.errors else {}) | ({"url": self.url} if self.url else {})


class RefRejectedError(Exception):
    """A reference update was refused; no reference of the same request has moved."""


def not_found() -> ApiError:
    """Return the answer for what does not exist, or must not be seen to exist."""
    return ApiError(404, "Not Found")


def moved(url: str, method: str) -> ApiError:
    """Return the answer for a name that a repository had before; who changes something must repeat the method.

    https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
    """
    status, message = (301, "Moved Permanently") if method == "GET" else (307, "Temporary Redirect")
    return ApiError(status, message, headers={"location": url}, url=url)


def forbidden(accepted: str) -> ApiError:
    """Return the refusal for a missing permission; *accepted* is e.g. `contents=write`.

    https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#insufficient-permissions
    """
    return ApiError(403, "Resource not accessible by integration", headers={"x-accepted-github-permissions": accepted})


def invalid(resource: str, field: str, *, code: str = "invalid", message: str = "") -> ApiError:
    """Return a 422 naming the field at fault."""
    error = {"resource": resource, "field": field, "code": code} | ({"message": message} if message else {})
    return ApiError(422, "Validation Failed", errors=[error])

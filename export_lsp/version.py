"""The version of the package, of the editors' plugins and of the GitHub action."""

VERSION = "0.1.0"

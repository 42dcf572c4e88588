"""The words of the pages, one catalogue a language."""

from web.texts.catalogue import LANGUAGES, Catalogue, read_catalogues

__all__ = ["LANGUAGES", "Catalogue", "read_catalogues"]

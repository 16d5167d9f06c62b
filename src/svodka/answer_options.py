"""What may be chosen for each answer, whoever asks: a command, an application or a request."""

from dataclasses import dataclass, field

from svodka.annotator import Annotator
from svodka.tagsets import TagChoice, TagSet


@dataclass(frozen=True)
class AnswerOptions:
    """How articles are to be answered; None leaves a choice to the annotator.

    Attributes:
        summary: mode of the summary.
        words: most words of the summary, or of the headline.
        characters: most characters of it.
        entities: list people, organisations and places too.
        tags: a tag set in place of the model's own.
        choice: which of the tags are given, and by what names.
    """

    summary: str | None = None
    words: int | None = None
    characters: int | None = None
    entities: bool = False
    tags: TagSet | None = None
    choice: TagChoice = field(default_factory=TagChoice)

    def of(self, annotator: Annotator) -> Annotator:
        """The annotator that answers so.

        Raises:
            ConfigError: an unknown mode of summary, a length below what is allowed, entities without the extra `ru`,
                or tags that the model cannot give.
        """
        return self.worded(self.tagged(annotator))

    def tagged(self, annotator: Annotator) -> Annotator:
        """The annotator with these tags, which takes a reading of their names.

        Raises:
            ConfigError: tags that the model cannot give.
        """
        if self.tags is None and self.choice == TagChoice():
            return annotator
        return annotator.with_tags(self.tags, self.choice)

    def worded(self, annotator: Annotator) -> Annotator:
        """The annotator with this summary and these lists, which costs nothing.

        Raises:
            ConfigError: an unknown mode of summary, a length below what is allowed, or entities without the extra `ru`.
        """
        if (self.summary, self.words, self.characters) != (None, None, None):
            annotator = annotator.with_summary(self.summary, words=self.words, characters=self.characters)
        return annotator.with_entities() if self.entities else annotator

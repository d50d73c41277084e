"""Draw one result: its effect, and the values of its arms."""

from collections.abc import Sequence

from trialdeck.notes.plots.arms import arm_keys, arm_words, draw_means, draw_medians, draw_rates, draw_shares
from trialdeck.notes.plots.effects import draw_effect, effect_key, effect_words_of
from trialdeck.notes.plots.svg import Sheet, drawing, shortened
from trialdeck.notes.plots.words import plain, sentences, setting
from trialdeck.records.model import Result


def result_plot(result: Result, trial: str = "", comparisons: Sequence[Result] = ()) -> str:
    """Return the drawing of a result as an SVG, or nothing where there is nothing to draw.

    Ratios stand on a log axis against 1, differences on a linear one against 0; medians, rates and percentages are bars
    from 0, means are squares with their spread. The setting stands in the words for a screen reader; the card prints it
    right below the drawing.

    Args:
        result: The result.
        trial: The trial's name in Markdown.
        comparisons: Other comparisons of the same outcome by the same measure.

    Returns:
        The SVG element.

    """
    sheet = Sheet()
    draw_effect(sheet, result, comparisons)
    for draw in (draw_medians, draw_means, draw_rates, draw_shares):
        draw(sheet, result)
    if not sheet.has_marks:
        return ""
    title = shortened(": ".join(filter(None, [plain(trial), plain(result.endpoint)])), 160)
    words = [title, setting(result), *effect_words_of(result, comparisons), *arm_words(result)]
    keys = [effect_key(result), *arm_keys(result)]
    return drawing(sheet.parts, sheet.y, title, sentences(keys), sentences(words))

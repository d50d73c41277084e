"""Plot one result: its effect, and the values of its arms."""

from collections.abc import Sequence

from trialdeck.notes.plots.arms import headline_values, values_of, values_plot
from trialdeck.notes.plots.effects import effect_plot
from trialdeck.notes.plots.words import plain, shortened
from trialdeck.records.model import Result


def result_plot(result: Result, trial: str = "", comparisons: Sequence[Result] = ()) -> str:
    """Return the plots of a result as HTML, or nothing where it states nothing that they say.

    Ratios stand on a log axis against 1, differences on a linear one against 0; medians, rates and percentages are bars
    from 0, means are squares with their spread. The card says the effect above the plots; a result without an effect
    has the first values of one or two arms said there, too.

    Args:
        result: The result.
        trial: The trial's name in Markdown.
        comparisons: Other comparisons of the same outcome by the same measure.

    Returns:
        The HTML of the plots, one below the other.

    """
    title = shortened(": ".join(filter(None, [plain(trial), plain(result.endpoint)])), 160)
    said = headline_values(result)
    plots = [values_plot(result, values, is_said=values == said) for values in values_of(result)]
    return "".join([effect_plot(result, comparisons, title), *plots])

"""Plots of arrivals over time: a panel for each run, in it a colour for each process."""

import io
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt

from benchmarks.plots import THEMES, Theme

ACROSS = 3
HIGHEST = 2.0
"""Of the rate: what is above is cut off, and its height written there."""
FIGURES = (
    ("calm", "calm", "Eight processes share 200 a second; nothing breaks"),
    ("faults", "faults", "Eight processes share 200 a second by SharedRateLimit, and something breaks"),
    ("peers", "faults", "The same faults, by other libraries"),
    ("refusals", "refusals", "A server that refuses: one 429, and half of the rate that it is said to admit"),
    ("bulk", "bulk", "5,000 personas in chunks, by four workers, of which one is killed"),
)
OURS = "tavus_async"


def draw_panel(axes: Any, panel: Mapping[str, Any], step: float, rate: float, theme: Theme) -> None:
    """Draw the arrivals of one run, those of each process upon those of the one before."""
    table: Sequence[Sequence[int]] = panel["counts"]
    edges = [step * place for place in range(len(table[0]) + 1)]
    base = [0.0] * len(table[0])
    colors = plt.get_cmap("plasma")
    for process, row in enumerate(table):
        top = [below + number / step for below, number in zip(base, row, strict=True)]
        color = colors(0.1 + 0.8 * process / max(1, len(table) - 1))
        axes.fill_between(edges, [*base, base[-1]], [*top, top[-1]], step="post", color=color, linewidth=0)
        base = top
    axes.axhline(rate, color=theme.ink, linewidth=0.8, linestyle="--")
    axes.set_title(panel["words"], fontsize=8, pad=5)
    axes.set(xlim=(0, edges[-1]), ylim=(0, HIGHEST * rate))
    if max(base) > HIGHEST * rate:
        axes.text(0.98, 0.9, f"up to {max(base):,.0f}", ha="right", fontsize=7, transform=axes.transAxes)
    if panel.get("lasts") is not None:
        begin, end = panel["at"], panel["at"] + max(panel["lasts"], edges[-1] / 100)
        axes.axvspan(begin, end, color=theme.others[0], alpha=0.4, linewidth=0, zorder=0)
    axes.tick_params(labelsize=7)


def draw_figure(panels: Sequence[Mapping[str, Any]], data: Mapping[str, Any], title: str, theme: Theme) -> Any:
    """Draw the panels of one part."""
    across = min(ACROSS, len(panels))
    rows = math.ceil(len(panels) / across)
    figure, grid = plt.subplots(rows, across, figsize=(3.4 * across, 2.0 * rows + 0.8), squeeze=False)
    for axes, panel in zip(grid.flat, panels, strict=False):
        draw_panel(axes, panel, data["step"], panel.get("rate", data.get("rate")), theme)
    for axes in list(grid.flat)[len(panels) :]:
        axes.set_visible(False)
    figure.suptitle(title, x=0.01, ha="left", fontsize=11)
    words = "seconds. Arrivals at the server a second, a colour for each process; dashed: the rate"
    figure.supxlabel(f"{words}; shaded: what breaks", fontsize=8)
    figure.tight_layout()
    return figure


def chosen(name: str, data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the panels of a figure: faults are drawn apart for this package and for others."""
    panels: list[Mapping[str, Any]] = data["panels"]
    if name == "faults":
        return [panel for panel in panels if panel["kind"].startswith(OURS)]
    if name == "peers":
        others = [panel for panel in panels if not panel["kind"].startswith(OURS)]
        return [{**panel, "words": f"{panel['kind']}\n{panel['words']}"} for panel in others]
    return panels


def save(figure: Any, path: Path) -> None:
    """Write a plot, with no more digits than can be seen: there are very many steps."""
    text = io.StringIO()
    figure.savefig(text, format="svg", bbox_inches="tight", transparent=True, metadata={"Date": None})
    plt.close(figure)
    path.write_text(re.sub(r"(?<![\w#.])(\d+\.\d)\d+", r"\1", text.getvalue()), encoding="utf-8")


def draw(parts: Mapping[str, Any], folder: Path) -> None:
    """Draw every plot there are figures for; the same figures give the same files."""
    folder.mkdir(parents=True, exist_ok=True)
    for theme in THEMES:
        for name, part, title in FIGURES:
            if part in parts and (panels := chosen(name, parts[part]["data"])):
                with mpl.rc_context(theme.style()):
                    figure = draw_figure(panels, parts[part]["data"], title, theme)
                    path = folder / f"{name}{theme.suffix}.svg"
                    save(figure, path)

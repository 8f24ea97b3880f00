"""The plots, drawn from what was measured and from nothing else."""

import statistics
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams |= {
    "svg.hashsalt": "tavus_async",
    "svg.fonttype": "none",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": "white",
}

from matplotlib import pyplot as plt  # noqa: E402 (after the settings)

OURS, OTHERS = "#2563eb", "#9ca3af"


def save(figure: Any, path: Path) -> None:
    """Write a plot; the same figures give the same file."""
    figure.savefig(path, format="svg", bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)


def throughput(data: dict[str, Any], path: Path) -> None:
    """Draw calls per second of every peer at each number of calls at once."""
    figure, axes = plt.subplots(figsize=(8, 4.2))
    styles = iter(("-", "--", ":", "-.", (0, (1, 3))))
    for peer in data["peers"]:
        levels = [(x, rounds) for x, rounds in zip(data["at_once"], peer["per_second"], strict=True) if rounds]
        at_once = [x for x, _ in levels]
        middle = [statistics.median(rounds) for _, rounds in levels]
        low, high = [min(rounds) for _, rounds in levels], [max(rounds) for _, rounds in levels]
        color = OURS if peer["ours"] else OTHERS
        style = "-" if peer["ours"] else next(styles)
        alpha = 0.55 if peer["words"] != "tavus_async" and peer["ours"] else 1
        axes.plot(at_once, middle, color=color, linestyle=style, marker="o", label=peer["words"], alpha=alpha)
        axes.fill_between(at_once, low, high, color=color, alpha=0.12, linewidth=0)
    axes.set(xscale="log", xlabel="calls at once", ylabel="calls per second, one core", ylim=(0, None))
    axes.set_xticks(data["at_once"], [str(at_once) for at_once in data["at_once"]])
    axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    save(figure, path)


def convergence(data: dict[str, Any], path: Path) -> None:
    """Draw the time of every fetch beside the ideal."""
    fetches = data["fetches"][::-1]
    figure, axes = plt.subplots(figsize=(8, 0.42 * len(fetches) + 1))
    ideal = data["ideal"]
    seconds = [statistics.median(fetch["times_ideal"]) * ideal for fetch in fetches]
    names = [fetch["words"] for fetch in fetches]
    bars = axes.barh(names, seconds, color=[OURS if fetch["ours"] else OTHERS for fetch in fetches], height=0.65)
    texts = [f"{took:.1f} s, {fetch['lost']:,} lost" for took, fetch in zip(seconds, fetches, strict=True)]
    axes.bar_label(bars, texts, padding=4, fontsize=8)
    axes.axvline(ideal, color="black", linewidth=1, linestyle="--")
    axes.text(ideal, len(fetches) - 0.4, f"ideal: {ideal:.1f} s", ha="center", va="bottom", fontsize=8)
    axes.set(xlabel=f"seconds to fetch {data['count']:,}", xlim=(0, max(seconds) * 1.2))
    axes.tick_params(axis="y", length=0)
    save(figure, path)


def memory(data: dict[str, Any], path: Path) -> None:
    """Draw the growth of memory against the number of outcomes."""
    figure, axes = plt.subplots(figsize=(8, 3.6))
    for series in data["series"]:
        color = OURS if series["ours"] else OTHERS
        axes.plot(series["n"], series["mib"], color=color, marker="o", label=series["words"])
    axes.set(xscale="log", xlabel="personas fetched", ylabel="MiB more than after the first 1,000")
    axes.legend(frameon=False)
    save(figure, path)


def draw(parts: dict[str, Any], folder: Path) -> None:
    """Draw every plot there are figures for."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, plot in (("throughput", throughput), ("convergence", convergence), ("memory", memory)):
        if name in parts:
            plot(parts[name]["data"], folder / f"{name}.svg")

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

# The first of each is the one for what is drawn alone.
OURS = ("#2563eb", "#93c5fd")
OTHERS = ("#9ca3af", "#d1d5db", "#6b7280", "#4b5563", "#1f2937")


def save(figure: Any, path: Path) -> None:
    """Write a plot; the same figures give the same file."""
    figure.savefig(path, format="svg", bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)


def throughput(data: dict[str, Any], path: Path) -> None:
    """Draw calls per second of every peer at each number of calls at once, with the lowest and the highest round."""
    figure, axes = plt.subplots(figsize=(9, 4.2))
    peers = data["peers"]
    width = 0.84 / len(peers)
    shades = {True: iter(OURS), False: iter(OTHERS)}
    for number, peer in enumerate(peers):
        levels = [(group, rounds) for group, rounds in enumerate(peer["per_second"]) if rounds]
        middle = [statistics.median(rounds) for _, rounds in levels]
        spread = [
            [most - min(rounds) for most, (_, rounds) in zip(middle, levels, strict=True)],
            [max(rounds) - most for most, (_, rounds) in zip(middle, levels, strict=True)],
        ]
        axes.bar(
            [group + (number - (len(peers) - 1) / 2) * width for group, _ in levels],
            middle,
            width=width * 0.92,
            yerr=spread,
            color=next(shades[peer["ours"]]),
            error_kw={"ecolor": "#374151", "elinewidth": 0.8, "capsize": 1.5},
            label=peer["words"],
        )
    axes.set(xlabel="calls at once", ylabel="calls per second, one core", ylim=(0, None))
    axes.set_xticks(range(len(data["at_once"])), [f"{at_once:,}" for at_once in data["at_once"]])
    axes.tick_params(axis="x", length=0)
    axes.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2)
    save(figure, path)


def convergence(data: dict[str, Any], path: Path) -> None:
    """Draw the time of every fetch beside the ideal."""
    fetches = data["fetches"][::-1]
    figure, axes = plt.subplots(figsize=(8, 0.42 * len(fetches) + 1))
    ideal = data["ideal"]
    seconds = [statistics.median(fetch["times_ideal"]) * ideal for fetch in fetches]
    names = [fetch["words"] for fetch in fetches]
    bars = axes.barh(names, seconds, color=[(OURS if fetch["ours"] else OTHERS)[0] for fetch in fetches], height=0.65)
    texts = [f"{took:.1f} s, {fetch['lost']:,} lost" for took, fetch in zip(seconds, fetches, strict=True)]
    axes.bar_label(bars, texts, padding=4, fontsize=8)
    axes.axvline(ideal, color="black", linewidth=1, linestyle="--")
    axes.text(ideal, len(fetches) - 0.3, f"ideal: {ideal:.1f} s", ha="center", va="bottom", fontsize=8)
    axes.set(xlabel=f"seconds to fetch {data['count']:,}", xlim=(0, max(seconds) * 1.2))
    axes.tick_params(axis="y", length=0)
    save(figure, path)


def memory(data: dict[str, Any], path: Path) -> None:
    """Draw the growth of memory against the number of outcomes."""
    figure, axes = plt.subplots(figsize=(8, 3.6))
    for series in data["series"]:
        color = (OURS if series["ours"] else OTHERS)[0]
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

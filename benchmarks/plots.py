"""The plots, drawn from what was measured and from nothing else: each for a light page, and for a dark one."""

import statistics
from pathlib import Path
from typing import Any

import attrs
import matplotlib as mpl

mpl.use("svg")

from matplotlib import pyplot as plt

STYLE = {
    "svg.hashsalt": "tavus_async",
    "svg.fonttype": "none",
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.titlepad": 14,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
ROUNDS = "Bars: the median of the rounds; lines on them: the slowest and the fastest round."


@attrs.frozen(kw_only=True)
class Theme:
    """The colours of a plot, whose ground is the page's own."""

    suffix: str
    """What stands between a plot's name and `.svg`."""
    ink: str
    """Of words, axes and whiskers."""
    ours: tuple[str, ...]
    """The first is for what is drawn alone."""
    others: tuple[str, ...]

    def style(self) -> dict[str, Any]:
        """Return matplotlib's settings."""
        inked = ("text.color", "axes.edgecolor", "axes.labelcolor", "axes.titlecolor", "xtick.color", "ytick.color")
        return STYLE | dict.fromkeys(inked, self.ink)


THEMES = (
    Theme(
        suffix="",
        ink="#1f2937",
        ours=("#2563eb", "#93c5fd"),
        others=("#9ca3af", "#4b5563", "#d97706", "#0d9488", "#9333ea"),
    ),
    Theme(
        suffix="-dark",
        ink="#e5e7eb",
        ours=("#60a5fa", "#1d4ed8"),
        others=("#6b7280", "#9ca3af", "#d97706", "#0d9488", "#a855f7"),
    ),
)


def throughput(data: dict[str, Any], theme: Theme) -> Any:
    """Draw calls per second of every peer at each number of calls at once, with the lowest and the highest round."""
    figure, axes = plt.subplots(figsize=(9, 4.6))
    peers = data["peers"]
    width = 0.84 / len(peers)
    shades = {True: iter(theme.ours), False: iter(theme.others)}
    for number, peer in enumerate(peers):
        levels = [(group, rounds) for group, rounds in enumerate(peer["per_second"]) if rounds]
        middle = [statistics.median(rounds) for _, rounds in levels]
        axes.bar(
            [group + (number - (len(peers) - 1) / 2) * width for group, _ in levels],
            middle,
            width=width * 0.92,
            yerr=spread(middle, [rounds for _, rounds in levels]),
            color=next(shades[peer["ours"]]),
            error_kw={"ecolor": theme.ink, "elinewidth": 0.8, "capsize": 1.5},
            label=peer["words"],
        )
    axes.set(
        title="get_persona, calls per second on one core: more is better",
        xlabel=f"calls at once\n{ROUNDS}",
        ylabel="calls per second",
        ylim=(0, None),
    )
    axes.set_xticks(range(len(data["at_once"])), [f"{at_once:,}" for at_once in data["at_once"]])
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.tick_params(axis="x", length=0)
    axes.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=2)
    return figure


def spread(middle: list[float], rounds: list[list[float]]) -> list[list[float]]:
    """Return how far the lowest and the highest round lie from each median."""
    pairs = list(zip(middle, rounds, strict=True))
    return [[most - min(each) for most, each in pairs], [max(each) - most for most, each in pairs]]


def convergence(data: dict[str, Any], theme: Theme) -> Any:
    """Draw the time of every fetch beside the ideal."""
    fetches = data["fetches"][::-1]
    figure, axes = plt.subplots(figsize=(6.4, 0.42 * len(fetches) + 1.4))
    ideal = data["ideal"]
    rounds = [[times * ideal for times in fetch["times_ideal"]] for fetch in fetches]
    seconds = [statistics.median(each) for each in rounds]
    bars = axes.barh(
        [fetch["words"] for fetch in fetches],
        seconds,
        xerr=spread(seconds, rounds),
        color=[(theme.ours if fetch["ours"] else theme.others)[0] for fetch in fetches],
        height=0.65,
        error_kw={"ecolor": theme.ink, "elinewidth": 0.8, "capsize": 1.5},
    )
    texts = [f"{took:.1f} s, {fetch['lost']:,} lost" for took, fetch in zip(seconds, fetches, strict=True)]
    axes.bar_label(bars, texts, padding=4, fontsize=8)
    axes.axvline(ideal, color=theme.ink, linewidth=1, linestyle="--")
    axes.text(ideal, 1.01, f"ideal: {ideal:.1f} s", ha="center", fontsize=8, transform=axes.get_xaxis_transform())
    axes.set_title(
        f"Fetching {data['count']:,} personas where 200 a second are admitted: less is better", x=-0.8, pad=26
    )
    axes.set(xlabel="seconds until each has its outcome", xlim=(0, max(seconds) * 1.25))
    axes.text(-0.8, -0.2, ROUNDS, transform=axes.transAxes)
    axes.tick_params(axis="y", length=0)
    return figure


def limits(data: dict[str, Any], theme: Theme) -> Any:
    """Draw what is used of each kind of server, before and now: the mean, and what one in twenty stays under."""
    figure, axes = plt.subplots(figsize=(6.4, 0.3 * len(data["words"]) + 1.4))
    words = list(reversed(data["words"].items()))
    for name, label, color, lift in (
        ("before", "each 429 taken for an empty bucket", theme.others[0], 0.16),
        ("now", "tavus_async", theme.ours[0], -0.16),
    ):
        drawn = [(place + lift, data[name][kind]) for place, (kind, _) in enumerate(words) if kind in data[name]]
        places = [place for place, _ in drawn]
        means = [summary["mean"] for _, summary in drawn]
        axes.hlines(places, [summary["low"] for _, summary in drawn], means, color=color, linewidth=1.2)
        axes.plot(means, places, "o", color=color, markersize=4.5, label=label)
    axes.set_yticks(range(len(words)), [text for _, text in words], fontsize=8)
    axes.set(xlim=(0, 1.02), xlabel="used, as a share of what the server could have admitted")
    axes.xaxis.set_major_formatter("{x:.0%}")
    axes.grid(axis="x", alpha=0.3, linewidth=0.5)
    axes.set_title(f"{data['servers']} servers of each kind that refuse: more is better", x=-0.9, pad=22)
    axes.text(-0.9, 1.005, "Dots: the mean; lines: to what one in twenty stays under.", transform=axes.transAxes)
    axes.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.2, -0.06), ncols=2)
    axes.tick_params(axis="y", length=0)
    return figure


def memory(data: dict[str, Any], theme: Theme) -> Any:
    """Draw the growth of memory against the number of outcomes."""
    figure, axes = plt.subplots(figsize=(8, 3.8))
    for series in data["series"]:
        color = (theme.ours if series["ours"] else theme.others)[0]
        axes.plot(series["n"], series["mib"], color=color, marker="o", label=series["words"])
    axes.set(
        title="Memory against the number of personas fetched: less is better",
        xscale="log",
        xlabel="personas fetched (logarithmic)",
        ylabel="MiB more than after the first 1,000",
    )
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.legend(frameon=False)
    return figure


PLOTS = (("throughput", throughput), ("convergence", convergence), ("limits", limits), ("memory", memory))


def draw(parts: dict[str, Any], folder: Path) -> None:
    """Draw every plot there are figures for; the same figures give the same files."""
    folder.mkdir(parents=True, exist_ok=True)
    for theme in THEMES:
        for name, plot in PLOTS:
            if name in parts:
                with mpl.rc_context(theme.style()):
                    figure = plot(parts[name]["data"], theme)
                    path = folder / f"{name}{theme.suffix}.svg"
                    figure.savefig(path, format="svg", bbox_inches="tight", transparent=True, metadata={"Date": None})
                    plt.close(figure)

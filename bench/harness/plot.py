"""The picture of a run: CPU time per request by server, and each figure against its target."""

OURS, BASELINE, OTHERS = "#c2410c", "#1f2937", "#94a3b8"
WITHIN, BEYOND = "#15803d", "#b91c1c"
LONGEST = 3.0


def write_png(path, results, figures):
    """Draws the picture; raises ImportError if matplotlib is not installed."""
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot

    scenarios = {name: servers for name, servers
                 in results.get("side_by_side", {}).get("scenarios", {}).items() if servers}
    judged = [figure for figure in figures if figure.value is not None and figure.target]
    panels = len(scenarios) + bool(judged)
    if panels == 0:
        return False
    picture, axes = pyplot.subplots(panels, 1, figsize=(9, 3.1 * panels), squeeze=False)
    for axis, (name, servers) in zip(axes[:, 0], scenarios.items()):
        draw_servers(axis, name, servers)
    if judged:
        draw_figures(axes[-1, 0], judged)
    machine = results["machine"]
    picture.suptitle(" · ".join(filter(None, (
        f"Sake {machine['commit']}".strip(), f"{machine['cores']} cores", machine["date"][:10]))),
        fontsize=11)
    picture.tight_layout(rect=(0, 0, 1, 0.98))
    picture.savefig(path, dpi=140)
    pyplot.close(picture)
    return True


def draw_servers(axis, name, servers):
    """One bar per server, the shortest on top."""
    order = sorted(servers, key=lambda server: -servers[server]["cpu_us_per_request"])
    values = [servers[server]["cpu_us_per_request"] for server in order]
    colours = [{"sake": OURS, "raw_beast": BASELINE}.get(server, OTHERS) for server in order]
    bars = axis.barh(order, values, color=colours)
    axis.bar_label(bars, [f"{value:.2f}" for value in values], padding=3, fontsize=8)
    axis.set_title(f"{name}: CPU µs per request", fontsize=10, loc="left")
    tidy(axis, values)


def draw_figures(axis, figures):
    """Measured value over target, or the inverse if more is better: bars left of the line reach their target. A bar ends at LONGEST."""
    order = list(reversed(figures))
    values = [figure.against_target for figure in order]
    lengths = [min(value, LONGEST) for value in values]
    colours = [WITHIN if value <= 1 else BEYOND for value in values]
    bars = axis.barh([shortened(figure.name) for figure in order], lengths, color=colours)
    axis.bar_label(bars, [f"{value:.2f}" for value in values], padding=3, fontsize=8)
    axis.axvline(1, color=BASELINE, linewidth=1, linestyle="--")
    axis.set_title("measured over target", fontsize=10, loc="left")
    tidy(axis, [*lengths, 1])


def tidy(axis, values):
    axis.set_xlim(0, max(values) * 1.12)
    axis.tick_params(labelsize=8)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)


def shortened(name):
    return name if len(name) <= 52 else f"{name[:51]}…"

"""The figures as text tables and as JSON."""

import json

COLUMNS = (
    ("requests/s", "requests_per_second", "{:,.0f}"),
    ("p50 µs", "p50_us", "{:,.0f}"),
    ("p99 µs", "p99_us", "{:,.0f}"),
    ("CPU µs/request", "cpu_us_per_request", "{:.2f}"),
    ("÷ raw_beast", "cpu_against_baseline", "{:.2f}"),
    ("RSS MiB", "rss_kib", "{:.1f}"),
    ("errors", "errors", "{}"),
)


def side_by_side_table(scenario, servers):
    """One row per server, the least CPU time per request first."""
    rows = [[scenario, *(title for title, _, _ in COLUMNS)]]
    for name, row in sorted(servers.items(), key=lambda item: item[1]["cpu_us_per_request"]):
        cells = []
        for _, key, form in COLUMNS:
            value = row[key] / 1024 if key == "rss_kib" else row[key]
            cells.append("" if value is None else form.format(value))
        rows.append([name, *cells])
    return aligned(rows)


def figures_table(figures):
    """The measured values beside their targets."""
    rows = [["figure", "measured", "target", "verdict", ""]]
    for figure in figures:
        target = "" if figure.target is None else sign(figure) + " " + quantity(figure.target, figure.unit)
        rows.append([figure.name, quantity(figure.value, figure.unit), target, figure.verdict,
                     figure.note])
    return aligned(rows, numbers=(1, 2))


def sign(figure):
    return "≥" if figure.at_least else "≤"


def quantity(value, unit):
    if value is None:
        return "-"
    number = f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.2f}"
    return f"{number} {unit}".strip()


def aligned(rows, numbers=None):
    """Columns of equal width; those in `numbers` (all but the first by default) to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    numbers = range(1, len(widths)) if numbers is None else numbers
    lines = []
    for row in rows:
        cells = [cell.rjust(width) if column in numbers else cell.ljust(width)
                 for column, (cell, width) in enumerate(zip(row, widths))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def print_all(results, figures):
    for scenario, servers in results.get("side_by_side", {}).get("scenarios", {}).items():
        if servers:
            print(f"\n{side_by_side_table(scenario, servers)}")
    for note in results.get("side_by_side", {}).get("notes", []):
        print(f"  {note}")
    if figures:
        print(f"\n{figures_table(figures)}")


def write_json(path, results):
    path.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")

"""Charts as SVG, written without a library, so that a benchmark machine needs only Python.

A bar is a (label, value, kind). A kind is "ours", "ours2" (ours with another setting), "peer" or "floor". The value is printed next
to every bar and every point, so that a reader need not read it off an axis.
"""

from html import escape

COLOURS = {"ours": "#d9480f", "ours2": "#f4a261", "peer": "#8fa3b5", "floor": "#d5dbe1"}
WIDTH = 820
FONT = 'font-family="sans-serif" font-size="14"'


def text(x, y, words, anchor="start", more=""):
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" {more}>{escape(words)}</text>'


def amount(microseconds, largest):
    """Returns the amount in the unit that suits the largest value of the chart."""
    return f"{microseconds / 1000:.1f} ms" if largest >= 2000 else f"{microseconds:,.0f} µs"


def write(path, title, subtitle, height, body):
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" {FONT} fill="#222">',
             f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
             text(16, 28, title, more='font-size="18" font-weight="bold"'), text(16, 50, subtitle, more='fill="#555"')]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines + body + ["</svg>"]) + "\n")


def legend(y, kinds):
    body, x = [], 16
    for kind, words in kinds.items():
        body += [f'<rect x="{x}" y="{y - 11}" width="13" height="13" fill="{COLOURS[kind]}"/>', text(x + 19, y, words)]
        x += 45 + 8 * len(words)
    return body


def bars(path, title, subtitle, groups, kinds, note=None):
    """Draws a horizontal bar for each row. `groups` is a list of (heading or None, rows); rows are shown in the order given. `note`
    returns the text behind a value, from the value and the rows of its group."""
    left = 32 + 9 * max(len(label) for _, rows in groups for label, _, _ in rows)
    room = WIDTH - left - (220 if note else 90)
    largest = max(value for _, rows in groups for _, value, _ in rows)
    body, y = legend(78, kinds), 96
    for heading, rows in groups:
        if heading:
            y += 8
            body.append(text(16, y + 14, heading, more='font-weight="bold"'))
            y += 24
        for label, value, kind in rows:
            width = max(room * value / largest, 1)
            bold = 'font-weight="bold"' if kind.startswith("ours") else ""
            body += [text(left - 8, y + 15, label, "end", bold),
                     f'<rect x="{left}" y="{y + 2}" width="{width:.1f}" height="17" fill="{COLOURS[kind]}"/>',
                     text(left + width + 6, y + 15, amount(value, largest) + (note(value, rows) if note else ""), more=bold)]
            y += 23
    write(path, title, subtitle, y + 14, body)


def line(path, title, subtitle, points):
    """Draws our values as something grows. The points are evenly spaced, because the sizes grow tenfold."""
    height, left, top, bottom = 340, 60, 84, 290
    largest = max(value for _, value in points)
    places = [(left + (WIDTH - 2 * left) * i / max(len(points) - 1, 1), bottom - (bottom - top) * value / largest)
              for i, (_, value) in enumerate(points)]
    body = [f'<path d="M{left - 20} {bottom}H{WIDTH - left + 20}" stroke="#999"/>',
            f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}" fill="none" stroke="{COLOURS["ours"]}" stroke-width="2"/>']
    for (x, y), (size, value) in zip(places, points):
        body += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{COLOURS["ours"]}"/>',
                 text(x, y - 10, amount(value, largest), "middle", 'font-weight="bold" stroke="white" stroke-width="4" paint-order="stroke"'), text(x, bottom + 20, f"{size:,}", "middle")]
    write(path, title, subtitle, height, body)

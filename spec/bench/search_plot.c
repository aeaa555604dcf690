/* Panels side by side, one a function: the logarithm of the median regret over
 * trials, one colour a kind, ours solid, the reference's dashed.
 */
#include "search_plot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LINES_MAX = 64, CHECKS_MAX = 8, WIDTH = 260, HEIGHT = 220, EDGE = 36 };

static struct line {
    const char *function, *kind;
    double ours[CHECKS_MAX], theirs[CHECKS_MAX];
} lines[LINES_MAX];
static int count;

void plot_add(const char *function, const char *kind, int at, double ours,
              double theirs) {
    struct line *l = lines;
    while (l < lines + count &&
           (strcmp(l->function, function) != 0 || strcmp(l->kind, kind) != 0))
        l++;
    if (l == lines + LINES_MAX)
        return;
    if (l == lines + count)
        lines[count++] = (struct line){.function = function, .kind = kind};
    l->ours[at] = log10(ours);
    l->theirs[at] = log10(theirs);
}

/* Range of the logarithms on a function. */
static void range_of(const char *function, int checks, double *low,
                     double *high) {
    *low = INFINITY;
    *high = -INFINITY;
    for (int i = 0; i < count; i++) {
        for (int c = 0; c < checks; c++) {
            if (strcmp(lines[i].function, function) != 0)
                continue;
            *low = fmin(*low, fmin(lines[i].ours[c], lines[i].theirs[c]));
            *high = fmax(*high, fmax(lines[i].ours[c], lines[i].theirs[c]));
        }
    }
}

static const char *colour(const char *kind) {
    static const char *const colours[] = {"#1f77b4", "#ff7f0e", "#2ca02c",
                                          "#d62728", "#9467bd", "#8c564b",
                                          "#e377c2", "#7f7f7f"};
    unsigned sum = 0;
    for (; *kind; kind++)
        sum = sum * 3 + (unsigned char)*kind;
    return colours[sum % 8];
}

static void draw(FILE *f, const double *v, const struct line *l, int checks,
                 double left, double low, double high, bool dashed) {
    fprintf(f, "<polyline fill='none' stroke='%s'%s points='", colour(l->kind),
            dashed ? " stroke-dasharray='4 3' opacity='0.7'" : "");
    for (int c = 0; c < checks; c++) {
        double x = left + EDGE + (WIDTH - 2.0 * EDGE) * c / (checks - 1);
        double share = high > low ? (v[c] - low) / (high - low) : 0.5;
        fprintf(f, "%.1f,%.1f ", x, HEIGHT - EDGE - share * (HEIGHT - 70));
    }
    fprintf(f, "'/>\n");
}

static void panel(FILE *f, const char *function, int at, const int *trials,
                  int checks) {
    double low, high, left = (double)at * WIDTH;
    int row = 0;
    range_of(function, checks, &low, &high);
    fprintf(f, "<text x='%.0f' y='16'>%s, regret 10^%.1f .. 10^%.1f</text>\n",
            left + EDGE, function, low, high);
    for (int c = 0; c < checks; c++)
        fprintf(f, "<text x='%.0f' y='%d'>%d</text>\n",
                left + EDGE - 8 + (WIDTH - 2.0 * EDGE) * c / (checks - 1),
                HEIGHT - 16, trials[c]);
    for (int i = 0; i < count; i++) {
        const struct line *l = &lines[i];
        if (strcmp(l->function, function) != 0)
            continue;
        draw(f, l->ours, l, checks, left, low, high, false);
        draw(f, l->theirs, l, checks, left, low, high, true);
        fprintf(f, "<text x='%.0f' y='%d' fill='%s'>%s</text>\n",
                left + WIDTH - 66, 34 + 12 * row++, colour(l->kind), l->kind);
    }
}

static bool is_first(int i) {
    for (int k = 0; k < i; k++) {
        if (strcmp(lines[k].function, lines[i].function) == 0)
            return false;
    }
    return true;
}

bool plot_write(const char *path, const int *trials, int checks) {
    FILE *f = fopen(path, "w");
    int panels = 0, at = 0;
    if (!f)
        return false;
    for (int i = 0; i < count; i++)
        panels += is_first(i);
    fprintf(f,
            "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' "
            "font-family='sans-serif' font-size='11'>\n",
            panels * WIDTH, HEIGHT);
    for (int i = 0; i < count; i++) {
        if (is_first(i))
            panel(f, lines[i].function, at++, trials, checks);
    }
    fprintf(f, "</svg>\n");
    return fclose(f) == 0;
}

/* Time without the hours in which nothing traded: nights and weekends between bars of minutes take
   the room of one bar. Charts draw at squeeze(t); what people read stays the time itself. */
const HALF_HOUR = 1800e3;
const BREAKS = breaksOf(Object.values(DATA.times).find((t) => !t.daily && !t.plain));

function breaksOf(axis) {
  const times = axis ? unpackTimes(axis) : [], breaks = [];
  const steps = times.slice(1).map((t, i) => t - times[i]);
  const usual = [...steps].sort((a, b) => a - b)[steps.length >> 1];
  let cut = 0;
  steps.forEach((step, i) => {
    if (step <= Math.max(8 * usual, HALF_HOUR)) return;
    breaks.push({ from: times[i], to: times[i + 1], before: cut, cut: cut + step - usual });
    cut += step - usual;
  });
  return breaks;
}

/* The last break that begins before t, by its own time or by the squeezed one. */
function breakBefore(t, began) {
  let low = -1, high = BREAKS.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (began(BREAKS[middle]) < t) low = middle; else high = middle - 1;
  }
  return BREAKS[low];
}

function squeeze(t) {
  const b = breakBefore(t, (one) => one.from);
  if (!b) return t;
  if (t >= b.to) return t - b.cut;
  return b.from - b.before + (t - b.from) / (b.to - b.from) * (b.to - b.from - b.cut + b.before);
}

function unsqueeze(s) {
  const b = breakBefore(s, (one) => one.from - one.before);
  return b ? Math.max(b.to, s + b.cut) : s;
}

function dayLabel(t, long) {
  return new Date(t).toLocaleDateString("en-GB", { timeZone: "UTC", month: "short",
    ...(long ? { year: "numeric" } : { day: "2-digit" }) });
}

/* First bars after breaks; times of the day where few of those are in sight. */
function breakTicker(from, to, pixels) {
  const room = Math.max(2, Math.floor(pixels / 70)), real = [unsqueeze(from), unsqueeze(to)];
  const starts = BREAKS.map((b) => b.to).filter((t) => t >= real[0] && t <= real[1]);
  const long = real[1] - real[0] > 300 * 864e5, every = Math.ceil(starts.length / room);
  const days = starts.filter((_, i) => i % every === 0)
    .map((t) => ({ v: squeeze(t), label: dayLabel(t, long) }));
  if (starts.length >= room / 2) return days;
  const step = [5, 15, 30, 60, 120, 240, 480].map((m) => m * 60e3)
    .find((s) => (to - from) / s < room) || 864e5;
  for (let t = Math.ceil(real[0] / step) * step; t <= real[1]; t += step) {
    const b = breakBefore(t, (one) => one.from);
    const apart = days.every((d) => Math.abs(d.v - squeeze(t)) > step * 0.7);
    if ((!b || t >= b.to) && apart) {
      days.push({ v: squeeze(t), label: new Date(t).toISOString().slice(11, 16) });
    }
  }
  return days;
}
